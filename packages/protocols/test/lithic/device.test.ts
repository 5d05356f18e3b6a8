import assert from "node:assert/strict";
import { constants, createPrivateKey, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin } from "@linchpin/protocols/lithic/device";
import python from "../../lithic/vectors/python3-cryptography.json" with { type: "json" };

const key = createPrivateKey(python.privateKey);
const openedByOpenssl = (sealed: string) => {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return privateDecrypt({ key, padding, oaepHash: "sha1" }, Buffer.from(sealed, "base64")).toString();
};

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`Lithic's device half on ${name}`, () => {
    const seal = (digits: string, pem: unknown = python.publicKey) =>
      sealPin(primitives, { pin: new Pin(utf8(digits)), issuerKey: acceptIssuerKey(pem) });

    for (const digits of ["0471", "739150", "012345678901"])
      test(`seals ${digits} with a nonce of 20 digits, and OpenSSL opens it`, async () => {
        const message = openedByOpenssl(await seal(digits));
        assert.match(message, new RegExp(`^\\{"nonce":[1-9]\\d{19},"pin":"${digits}"\\}$`));
      });

    test("seals to 684 characters whatever the PIN's length, never to the same ones, never with the same nonce", async () => {
      const sealed = await Promise.all(["0471", "0471", "739150", "012345678901"].map((digits) => seal(digits)));
      assert.deepEqual(new Set(sealed.map(({ length }) => length)), new Set([684]));
      assert.equal(new Set(sealed).size, 4);
      assert.equal(new Set(sealed.map((text) => /\d{20}/.exec(openedByOpenssl(text))?.[0])).size, 4);
    });

    test("refuses a modulus of less than 2048 bits", async () => {
      const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
      const pem = small.export({ format: "pem", type: "spki" }).toString();
      await assert.rejects(async () => seal("0471", pem), { code: "public_key_unusable" });
    });
  });

suite("Lithic's key", () => {
  const refused: Record<string, unknown> = {
    nothing: undefined,
    "a JWK": { kty: "RSA", n: "AQAB", e: "AQAB" },
    "a private key": python.privateKey,
    "a certificate": python.publicKey.replaceAll("PUBLIC KEY", "CERTIFICATE"),
    "a page": "<html></html>",
    "an elliptic curve": generateKeyPairSync("ec", { namedCurve: "P-256" })
      .publicKey.export({ format: "pem", type: "spki" })
      .toString(),
  };
  for (const [what, pem] of Object.entries(refused))
    test(`is refused where it is ${what}`, async () => {
      await assert.rejects(
        async () => sealPin(webCryptoPrimitives, { pin: new Pin(utf8("0471")), issuerKey: acceptIssuerKey(pem) }),
        { code: "public_key_unusable" },
      );
    });
});
