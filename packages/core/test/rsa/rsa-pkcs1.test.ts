import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import fc from "fast-check";
import { hexFromBytes, type RsaPublicKey } from "../../src/index.ts";
import { encryptRsaPkcs1 } from "../../src/rsa/rsa-pkcs1.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = publicKey.export({ format: "jwk" }) as { n: string; e: string };
const keys: Record<string, RsaPublicKey> = {
  JWK: jwk,
  SPKI: { spki: publicKey.export({ format: "der", type: "spki" }) },
};
const sessionKey = nodeCryptoPrimitives.randomBytes(32);
const { RSA_NO_PADDING, RSA_PKCS1_PADDING } = constants;

for (const [name, primitives] of Object.entries({
  "node:crypto": nodeCryptoPrimitives,
  WebCrypto: webCryptoPrimitives,
}))
  suite(`RSAES-PKCS1-v1_5 with the random bytes of ${name}`, () => {
    for (const [form, key] of Object.entries(keys))
      test(`OpenSSL opens what is sealed to a ${form}`, () => {
        const ciphertext = encryptRsaPkcs1(primitives, key, sessionKey);
        assert.equal(ciphertext.length, 256);
        const opened = privateDecrypt({ key: privateKey, padding: RSA_PKCS1_PADDING }, ciphertext);
        assert.deepEqual(Uint8Array.from(opened), sessionKey);
      });

    test("every length that fits", () => {
      for (const length of [0, 1, 32, 244, 245]) {
        const message = primitives.randomBytes(length);
        const opened = privateDecrypt(
          { key: privateKey, padding: RSA_PKCS1_PADDING },
          encryptRsaPkcs1(primitives, jwk, message),
        );
        assert.deepEqual(Uint8Array.from(opened), message);
      }
    });

    test("the padding is 00 02, random bytes without zero, 00: RFC 8017 §7.2.1", () => {
      const encoded = privateDecrypt(
        { key: privateKey, padding: RSA_NO_PADDING },
        encryptRsaPkcs1(primitives, jwk, sessionKey),
      );
      assert.deepEqual([encoded.length, encoded[0], encoded[1], encoded[256 - 33]], [256, 0, 2, 0]);
      assert.ok(encoded.subarray(2, 256 - 33).every((byte) => byte !== 0));
      assert.deepEqual(Uint8Array.from(encoded.subarray(-32)), sessionKey);
    });

    test("sealing again gives other bytes", () => {
      assert.notDeepEqual(encryptRsaPkcs1(primitives, jwk, sessionKey), encryptRsaPkcs1(primitives, jwk, sessionKey));
    });
  });

test("zeros that the source gives are drawn again", () => {
  let drawn = 0;
  const mostlyZeros = {
    randomBytes: (length: number) => Uint8Array.from({ length }, () => (drawn++ % 3 === 0 ? 0 : 7)),
  };
  const encoded = privateDecrypt(
    { key: privateKey, padding: RSA_NO_PADDING },
    encryptRsaPkcs1(mostlyZeros, jwk, sessionKey),
  );
  assert.deepEqual(encoded.subarray(2, 256 - 33), Buffer.alloc(256 - 35, 7));
});

test("the modular power is OpenSSL's", () => {
  const padding = { randomBytes: (length: number) => new Uint8Array(length).fill(0xab) };
  const head = Buffer.concat([Buffer.of(0, 2), Buffer.alloc(256 - 35, 0xab), Buffer.of(0)]);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (message) => {
      const expected = publicEncrypt({ key: publicKey, padding: RSA_NO_PADDING }, Buffer.concat([head, message]));
      assert.equal(hexFromBytes(encryptRsaPkcs1(padding, jwk, message)), expected.toString("hex"));
    }),
    { numRuns: 30 },
  );
});

suite("refused", () => {
  test("a message that leaves less than eight bytes of padding", () => {
    for (const length of [246, 253, 256, 300])
      assert.throws(() => encryptRsaPkcs1(nodeCryptoPrimitives, jwk, new Uint8Array(length)), {
        code: "public_key_unusable",
      });
  });

  test("a key that is not fit", () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    for (const key of [
      short as { n: string; e: string },
      { n: jwk.n, e: "AQ" },
      { n: "", e: "" },
      { spki: new Uint8Array(0) },
    ])
      assert.throws(() => encryptRsaPkcs1(nodeCryptoPrimitives, key, sessionKey), { code: "public_key_unusable" });
  });

  test("a source of randomness that has none", () => {
    const none = {
      randomBytes: () => {
        throw new Error("none");
      },
    };
    assert.throws(() => encryptRsaPkcs1(none, jwk, sessionKey), /none/);
  });
});
