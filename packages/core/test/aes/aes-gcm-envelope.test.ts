import assert from "node:assert/strict";
import { constants, createCipheriv, createDecipheriv, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import {
  bytesFromHex,
  concatBytes,
  envelopeContentKeyBytes,
  hexFromBytes,
  LinchpinError,
  openEnvelope,
  type Primitives,
  sealEnvelope,
  utf8,
} from "../../src/index.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const spki = publicKey.export({ format: "der", type: "spki" });
const plaintext = utf8('{"id":"1","value":"123456"}');

for (const [name, primitives] of Object.entries({
  "node:crypto": nodeCryptoPrimitives,
  WebCrypto: webCryptoPrimitives,
}))
  suite(`the AES-GCM envelope on ${name}`, () => {
    test("OpenSSL opens what is sealed", async () => {
      const { wrappedKey, iv, ciphertext } = await sealEnvelope(primitives, { spki }, plaintext);
      assert.deepEqual([wrappedKey.length, iv.length, ciphertext.length], [256, 12, plaintext.length + 16]);
      const decipher = createDecipheriv("aes-256-gcm", unwrap(wrappedKey), iv).setAuthTag(ciphertext.subarray(-16));
      const opened = Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]);
      assert.deepEqual(Uint8Array.from(opened), plaintext);
    });

    test("what OpenSSL seals is opened", async () => {
      const [contentKey, iv] = [primitives.randomBytes(32), primitives.randomBytes(12)];
      const cipher = createCipheriv("aes-256-gcm", contentKey, iv);
      const ciphertext = concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
      assert.deepEqual(await openEnvelope(primitives, { iv, ciphertext }, contentKey), plaintext);
    });

    test("each sealing has a content key and an IV of its own", async () => {
      const [one, two] = [
        await sealEnvelope(primitives, { spki }, plaintext),
        await sealEnvelope(primitives, { spki }, plaintext),
      ];
      assert.notDeepEqual(one.iv, two.iv);
      assert.notDeepEqual(unwrap(one.wrappedKey), unwrap(two.wrappedKey));
    });

    test("the content key is wiped, whether sealing works or not", async () => {
      for (const key of [{ spki }, { spki: spki.subarray(1) }]) {
        const contentKeys: Uint8Array[] = [];
        const watched: Primitives = {
          ...primitives,
          randomBytes: (length) => {
            const bytes = primitives.randomBytes(length);
            if (length === envelopeContentKeyBytes) contentKeys.push(bytes);
            return bytes;
          },
        };
        await sealEnvelope(watched, key, plaintext).catch((error) => assert.equal(error.code, "public_key_unusable"));
        assert.deepEqual(contentKeys, [new Uint8Array(32)]);
      }
    });

    test("each altered byte, another key, what is cut off: one failure", async () => {
      const { wrappedKey, iv, ciphertext } = await sealEnvelope(primitives, { spki }, plaintext);
      const contentKey = unwrap(wrappedKey);
      const altered = (bytes: Uint8Array, index: number) => bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
      const wrong = [
        ...Array.from(iv.keys(), (index) => ({ iv: altered(iv, index), ciphertext })),
        ...Array.from(ciphertext.keys(), (index) => ({ iv, ciphertext: altered(ciphertext, index) })),
        ...[0, 1, 15, 16, ciphertext.length - 1].map((length) => ({ iv, ciphertext: ciphertext.subarray(0, length) })),
        { iv, ciphertext: concatBytes(ciphertext, new Uint8Array(1)) },
        ...[0, 8, 11, 13, 16].map((length) => ({ iv: new Uint8Array(length), ciphertext })),
      ];
      for (const envelope of wrong)
        await assert.rejects(openEnvelope(primitives, envelope, contentKey), decryptionFailed);
      for (const index of [0, 31])
        await assert.rejects(
          openEnvelope(primitives, { iv, ciphertext }, altered(contentKey, index)),
          decryptionFailed,
        );
    });

    test("content sealed with an AAD is not opened", async () => {
      const [contentKey, iv] = [primitives.randomBytes(32), primitives.randomBytes(12)];
      const ciphertext = await primitives.encryptAesGcm(contentKey, iv, plaintext, utf8("aad"));
      await assert.rejects(openEnvelope(primitives, { iv, ciphertext }, contentKey), decryptionFailed);
    });

    test("Wycheproof aes_gcm: 256-bit keys", { skip: withoutWycheproof }, () => holdWycheproof(primitives));
  });

type AeadCase = WycheproofCase & Readonly<Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string>>;

/** 12-byte IVs by the primitives, as the cases have AADs, and through the envelope where there is none; other IVs are refused. */
async function holdWycheproof(primitives: Primitives): Promise<void> {
  const groups = readWycheproof<{ keySize: number; ivSize: number; tests: readonly AeadCase[] }>("aes_gcm_test.json");
  const held = { opened: 0, refused: 0, throughEnvelope: 0, otherIv: 0 };
  for (const { ivSize, tests } of groups.filter(({ keySize }) => keySize === 256))
    for (const { tcId, comment, result, ...hex } of tests) {
      const [key, iv, aad, msg] = [
        bytesFromHex(hex.key),
        bytesFromHex(hex.iv),
        bytesFromHex(hex.aad),
        bytesFromHex(hex.msg),
      ];
      const ciphertext = bytesFromHex(hex.ct + hex.tag);
      const about = `${tcId}: ${comment}`;
      if (ivSize !== 96) {
        await assert.rejects(openEnvelope(primitives, { iv, ciphertext }, key), decryptionFailed, about);
        held.otherIv += 1;
      } else if (result === "valid") {
        assert.equal(hexFromBytes(await primitives.decryptAesGcm(key, iv, ciphertext, aad)), hex.msg, about);
        assert.deepEqual(await primitives.encryptAesGcm(key, iv, msg, aad), ciphertext, about);
        held.opened += 1;
      } else {
        await assert.rejects(primitives.decryptAesGcm(key, iv, ciphertext, aad), decryptionFailed, about);
        held.refused += 1;
      }
      if (ivSize === 96 && hex.aad === "") {
        const opening = openEnvelope(primitives, { iv, ciphertext }, key);
        if (result === "valid") assert.deepEqual(await opening, msg, about);
        else await assert.rejects(opening, decryptionFailed, about);
        held.throughEnvelope += 1;
      }
    }
  assert.ok(
    held.opened > 30 && held.refused > 20 && held.throughEnvelope > 10 && held.otherIv > 30,
    JSON.stringify(held),
  );
}

function unwrap(wrappedKey: Uint8Array): Uint8Array {
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  return Uint8Array.from(privateDecrypt({ key: privateKey, ...padding }, wrappedKey));
}

function decryptionFailed(error: unknown): boolean {
  return error instanceof LinchpinError && error.code === "decryption_failed" && error.cause === undefined;
}
