import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { describe, it } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { encryptRsa, type RsaKeyAlgorithm, rsaProfiles, utf8 } from "../../src/index.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { spki: publicKey.export({ format: "der", type: "spki" }) };
const message = utf8("a session key of 32 bytes, or so.");

/** What node:crypto opens each row with. */
const opening: Record<RsaKeyAlgorithm, { padding: number; oaepHash?: string }> = {
  "RSA-OAEP-256": { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
  "RSA-OAEP-MESSAGE": { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  "RSA-OAEP": { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  "RSA-OAEP-512": { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha512" },
  "RSA-PKCS1": { padding: constants.RSA_PKCS1_PADDING },
};

describe("the table of RSA profiles", () => {
  for (const [algorithm, padding] of Object.entries(opening) as [
    RsaKeyAlgorithm,
    (typeof opening)[RsaKeyAlgorithm],
  ][]) {
    const encrypt = (bytes: Uint8Array) => encryptRsa(nodeCryptoPrimitives, rsaProfiles[algorithm], key, bytes);

    it(`has ${algorithm}, which node:crypto opens`, async () => {
      const ciphertext = await encrypt(message);
      assert.equal(ciphertext.length, 256);
      assert.deepEqual(Uint8Array.from(privateDecrypt({ key: privateKey, ...padding }, ciphertext)), message);
    });

    it(`refuses by ${algorithm} a message that is too long, and a weak key`, async () => {
      await assert.rejects(encrypt(new Uint8Array(256)), { code: "public_key_unusable" });
      const weak = { n: publicKey.export({ format: "jwk" }).n ?? "", e: "Aw" };
      const sealing = encryptRsa(nodeCryptoPrimitives, rsaProfiles[algorithm], weak, message);
      await assert.rejects(sealing, { code: "public_key_unusable" });
    });
  }

  it("has no row that a row of another padding opens", async () => {
    for (const sealed of Object.keys(opening) as RsaKeyAlgorithm[])
      for (const opened of Object.keys(opening) as RsaKeyAlgorithm[]) {
        if (rsaProfiles[sealed].oaep === rsaProfiles[opened].oaep) continue;
        const ciphertext = await encryptRsa(nodeCryptoPrimitives, rsaProfiles[sealed], key, message);
        let plaintext: Uint8Array | null = null;
        try {
          plaintext = Uint8Array.from(privateDecrypt({ key: privateKey, ...opening[opened] }, ciphertext));
        } catch {
          // OAEP says so; PKCS#1 v1.5 gives other bytes (OpenSSL's implicit rejection).
        }
        assert.notDeepEqual(plaintext, message, `${sealed} by ${opened}`);
      }
  });

  it("refuses OAEP where the primitives have none", async () => {
    const { wrapRsaOaep: _, ...withoutOaep } = nodeCryptoPrimitives;
    await assert.rejects(encryptRsa(withoutOaep, rsaProfiles["RSA-OAEP-256"], key, message), {
      code: "public_key_unusable",
      reason: "these primitives have no OAEP",
    });
  });
});
