import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { rsaKeyFromPem } from "../../src/index.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = publicKey.export({ format: "pem", type: "spki" }).toString();

suite("a PEM of a public key", () => {
  test("is read, with either line end, on one line, and without a last line end", () => {
    const spki = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }));
    for (const text of [pem, pem.replaceAll("\n", "\r\n"), pem.replaceAll("\n", ""), pem.trim()])
      assert.deepEqual(rsaKeyFromPem(text), { spki });
  });

  const refused: Record<string, unknown> = {
    nothing: undefined,
    "a number": 7,
    "no PEM": "key",
    "PKCS#1": publicKey.export({ format: "pem", type: "pkcs1" }),
    "a private key": privateKey.export({ format: "pem", type: "pkcs8" }),
    "a certificate": pem.replaceAll("PUBLIC KEY", "CERTIFICATE"),
    "two PEMs": pem + pem,
    "text before it": `key: ${pem}`,
    "no base64": pem.replace("MII", "M=I"),
  };
  for (const [what, text] of Object.entries(refused))
    test(`is not read: ${what}`, () => assert.throws(() => rsaKeyFromPem(text), { code: "public_key_unusable" }));
});
