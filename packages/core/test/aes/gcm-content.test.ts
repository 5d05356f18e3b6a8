import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import {
  aes128Gcm,
  aes256Gcm,
  bytesFromHex,
  concatBytes,
  type GcmProfile,
  openGcm,
  type Primitives,
  sealGcm,
  utf8,
} from "../../src/index.ts";

const plaintext = utf8("246784FFFFFFFFFF");
const decryptionFailed = { code: "decryption_failed" };
const rows: Readonly<Record<string, GcmProfile>> = { "aes-128-gcm": aes128Gcm, "aes-256-gcm": aes256Gcm };

for (const [name, primitives] of Object.entries({
  "node:crypto": nodeCryptoPrimitives,
  WebCrypto: webCryptoPrimitives,
}))
  suite(`AES-GCM under a key that both sides hold, on ${name}`, () => {
    for (const [cipherName, profile] of Object.entries(rows)) {
      const key = primitives.randomBytes(profile.keyBytes);

      test(`OpenSSL opens what ${cipherName} sealed, with an IV of 16 bytes that is another each time`, async () => {
        const { iv, ciphertext } = await sealGcm(primitives, profile, plaintext, key);
        assert.deepEqual([iv.length, ciphertext.length], [16, 32]);
        const decipher = createDecipheriv(cipherName as "aes-128-gcm", key, iv).setAuthTag(ciphertext.subarray(16));
        const opened = concatBytes(decipher.update(ciphertext.subarray(0, 16)), decipher.final());
        assert.deepEqual(opened, plaintext);
        assert.notDeepEqual((await sealGcm(primitives, profile, plaintext, key)).iv, iv);
      });

      test(`${cipherName} opens what OpenSSL sealed, with an IV of 12 or 16 bytes and no other`, async () => {
        for (const ivBytes of [1, 8, 11, 12, 13, 15, 16, 17, 32]) {
          const iv = primitives.randomBytes(ivBytes);
          const cipher = createCipheriv(cipherName as "aes-128-gcm", key, iv);
          const ciphertext = concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
          const opening = openGcm(primitives, profile, { iv, ciphertext }, key);
          if (profile.ivBytes.includes(ivBytes)) assert.deepEqual(await opening, plaintext);
          else await assert.rejects(opening, decryptionFailed, `${ivBytes}`);
        }
        const sealed = { iv: new Uint8Array(0), ciphertext: new Uint8Array(32) };
        await assert.rejects(openGcm(primitives, profile, sealed, key), decryptionFailed);
      });

      test(`${cipherName} takes no key of another length, no altered byte, no AAD and no part`, async () => {
        const { iv, ciphertext } = await sealGcm(primitives, profile, plaintext, key);
        const opening = (sealed: object, by = key) => openGcm(primitives, profile, { iv, ciphertext, ...sealed }, by);
        const altered = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => byte ^ Number(index === at));
        for (const at of iv.keys()) await assert.rejects(opening({ iv: altered(iv, at) }), decryptionFailed);
        for (const at of ciphertext.keys())
          await assert.rejects(opening({ ciphertext: altered(ciphertext, at) }), decryptionFailed);
        for (const length of [0, 15, 16, 31])
          await assert.rejects(opening({ ciphertext: ciphertext.subarray(0, length) }), decryptionFailed);
        for (const other of [altered(key, 0), new Uint8Array(0), new Uint8Array(24), new Uint8Array(48 - key.length)])
          await assert.rejects(opening({}, other), decryptionFailed);
        const withAad = await primitives.encryptAesGcm(key, iv, plaintext, utf8("aad"));
        await assert.rejects(opening({ ciphertext: withAad }), decryptionFailed);
      });
    }

    test("an IV of 16 bytes is no IV of 12 with four bytes more", async () => {
      const key = primitives.randomBytes(16);
      const { iv, ciphertext } = await sealGcm(primitives, aes128Gcm, plaintext, key);
      await assert.rejects(
        openGcm(primitives, aes128Gcm, { iv: iv.subarray(0, 12), ciphertext }, key),
        decryptionFailed,
      );
    });

    test("Wycheproof aes_gcm, with IVs of 12 and 16 bytes", { skip: withoutWycheproof }, () =>
      holdWycheproof(primitives),
    );
  });

type AeadCase = WycheproofCase & Readonly<Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string>>;

async function holdWycheproof(primitives: Primitives): Promise<void> {
  const groups = readWycheproof<{ keySize: number; ivSize: number; tests: readonly AeadCase[] }>("aes_gcm_test.json");
  const held = { opened: 0, refused: 0, otherIv: 0 };
  for (const { keySize, ivSize, tests } of groups.filter((group) => group.keySize !== 192))
    for (const { tcId, comment, result, aad, ...hex } of tests.filter((each) => each.aad === "")) {
      const profile = keySize === 128 ? aes128Gcm : aes256Gcm;
      const sealed = { iv: bytesFromHex(hex.iv), ciphertext: bytesFromHex(hex.ct + hex.tag) };
      const opening = openGcm(primitives, profile, sealed, bytesFromHex(hex.key));
      const isTaken = result === "valid" && (ivSize === 96 || ivSize === 128);
      if (isTaken) assert.deepEqual(await opening, bytesFromHex(hex.msg), `${tcId}: ${comment}`);
      else await assert.rejects(opening, decryptionFailed, `${tcId}: ${comment}`);
      held[isTaken ? "opened" : result === "valid" ? "otherIv" : "refused"] += 1;
    }
  assert.ok(held.opened > 30 && held.refused > 20 && held.otherIv > 10, JSON.stringify(held));
}
