import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { suite, test } from "node:test";
import { utf8 } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealMethodUpdate } from "@linchpin/protocols/venly/device";
import guide from "../../venly/vectors/encrypted-pin-transfer-guide.json" with { type: "json" };

const [published] = guide.security.result.encryptionKeys;
const securityOf = (...encryptionKeys: unknown[]) => ({ success: true, result: { encryptionKeys } });
const spkiOf = (type: "rsa" | "rsa-pss", modulusLength: number, publicExponent = 65537) => {
  const { publicKey } = generateKeyPairSync(type as "rsa", { modulusLength, publicExponent });
  return publicKey.export({ type: "spki", format: "der" }).toString("base64");
};

suite("the issuer's key", () => {
  test("is the first that is published", () => {
    const other = { ...published, id: "older" };
    assert.equal(acceptIssuerKey(securityOf(published, other)).id, published?.id);
  });

  for (const [what, reply] of [
    ["no answer", null],
    ["no result", { success: false, errors: [] }],
    ["no keys", securityOf()],
    ["keys that are no list", { result: { encryptionKeys: published } }],
    ["no id", securityOf({ ...published, id: undefined })],
    ["an empty id", securityOf({ ...published, id: "" })],
    ["no public key", securityOf({ ...published, publicKey: undefined })],
    ["a public key that is not base64", securityOf({ ...published, publicKey: `${published?.publicKey}=` })],
    ["a public key in PEM", securityOf({ ...published, publicKey: `-----BEGIN PUBLIC KEY-----` })],
    ["OAEP with SHA-1", securityOf({ ...published, encryptionAlgorithm: "RSAES_OAEP_SHA_1" })],
    ["no algorithm", securityOf({ ...published, encryptionAlgorithm: undefined })],
  ] as const)
    test(`refused: ${what}`, () => {
      assert.throws(() => acceptIssuerKey(reply), { code: "public_key_unusable" });
    });

  for (const [what, publicKey] of [
    ["cut short", published?.publicKey.slice(0, 200) ?? ""],
    ["of 1024 bits", spkiOf("rsa", 1024)],
    ["with an exponent of 3", spkiOf("rsa", 2048, 3)],
    ["for signatures", spkiOf("rsa-pss", 2048)],
  ] as const)
    for (const [platform, primitives] of Object.entries({ nodeCryptoPrimitives, webCryptoPrimitives }))
      test(`refused, at the latest when something is sealed to it: ${what} (${platform})`, async () => {
        const seal = async () => {
          const key = acceptIssuerKey(securityOf({ ...published, publicKey }));
          return sealMethodUpdate(primitives, key, { value: utf8("123456") });
        };
        await assert.rejects(seal, { code: "public_key_unusable" });
      });
});
