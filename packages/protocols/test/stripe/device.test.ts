import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin, stripePinKey } from "@linchpin/protocols/stripe/device";
import { describeKey } from "@linchpin/protocols/stripe/issuer";
import { compactDecrypt } from "jose";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n = "", e = "" } = publicKey.export({ format: "jwk" });
const spkiPem = publicKey.export({ format: "pem", type: "spki" }).toString();
const reply = describeKey({ id: "key_1", n, e, spkiPem });
const { jwk: _jwk, ...pemAlone } = reply;

for (const [name, primitives] of [
  ["WebCrypto", webCryptoPrimitives],
  ["node:crypto", nodeCryptoPrimitives],
] as const)
  suite(`Stripe's device half on ${name}`, () => {
    const seal = (digits: string, key: unknown = reply) =>
      sealPin(primitives, { pin: new Pin(utf8(digits)), issuerKey: acceptIssuerKey(key) });

    for (const [form, key] of [
      ["jwk", reply],
      ["pkcs8", pemAlone],
      ["jwk with another alg", { ...reply, jwk: { ...reply.jwk, alg: "RSA-OAEP-256" } }],
    ] as const)
      for (const digits of ["0123", "739150", "012345678901"])
        test(`seals ${digits} to the key's ${form}, and jose opens it to digits alone`, async () => {
          const { plaintext, protectedHeader } = await compactDecrypt(await seal(digits, key), privateKey);
          assert.equal(Buffer.from(plaintext).toString(), digits);
          assert.deepEqual(protectedHeader, { alg: "RSA-OAEP", enc: "A128CBC-HS256", kid: "key_1" });
        });

    test("seals to one length whatever the PIN's, and never to the same JWE", async () => {
      const sealed = await Promise.all(["0123", "0123", "739150", "012345678901"].map((digits) => seal(digits)));
      assert.equal(new Set(sealed.map(({ length }) => length)).size, 1);
      for (const part of [1, 2, 3, 4]) assert.equal(new Set(sealed.map((jwe) => jwe.split(".")[part])).size, 4);
    });

    test("refuses a modulus of less than 2048 bits, in either form", async () => {
      const { publicKey: small } = generateKeyPairSync("rsa", { modulusLength: 1024 });
      const { n: smallN, e: smallE } = small.export({ format: "jwk" });
      const jwk = { ...reply.jwk, n: smallN, e: smallE };
      const pkcs8 = small.export({ format: "pem", type: "spki" }).toString();
      for (const key of [
        { ...reply, jwk },
        { ...pemAlone, pkcs8 },
      ])
        await assert.rejects(seal("0123", key), { code: "public_key_unusable" });
    });
  });

suite("the issuer's key", () => {
  const pkcs1 = publicKey.export({ format: "pem", type: "pkcs1" }).toString();
  const certificate = spkiPem.replaceAll("PUBLIC KEY", "CERTIFICATE");
  const refused: Record<string, unknown> = {
    nothing: undefined,
    null: null,
    "a text": "key",
    "without an id": { ...reply, key_id: undefined },
    "with an empty id": { ...reply, key_id: "" },
    "with a number as its id": { ...reply, key_id: 7 },
    "without either form": { key_id: "key_1" },
    "an elliptic curve's": { ...reply, jwk: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } },
    symmetric: { ...reply, jwk: { kty: "oct", k: "AA" } },
    "without its modulus": { ...reply, jwk: { ...reply.jwk, n: undefined } },
    "without its exponent": { ...reply, jwk: { ...reply.jwk, e: 65537 } },
    private: { ...reply, jwk: privateKey.export({ format: "jwk" }) },
    "a null jwk beside a pkcs8": { ...reply, jwk: null },
    "PKCS#1": { ...pemAlone, pkcs8: pkcs1 },
    "a certificate": { ...pemAlone, pkcs8: certificate },
    "no PEM": { ...pemAlone, pkcs8: "key" },
    "PEM of no base64": { ...pemAlone, pkcs8: spkiPem.replace("MII", "M=I") },
    "two PEMs": { ...pemAlone, pkcs8: spkiPem + spkiPem },
  };
  for (const [what, key] of Object.entries(refused))
    test(`is refused: ${what}`, () => {
      assert.throws(() => acceptIssuerKey(key), { code: "public_key_unusable" });
    });

  test("is listed in a manifest as what it is for", () => {
    assert.deepEqual(stripePinKey, { purpose: "stripe-pin", alg: "RSA-OAEP" });
  });
});
