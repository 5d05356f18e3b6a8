import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, createECDH, hkdfSync } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import {
  bytesFromHex,
  concatBytes,
  hexFromBytes,
  openReveal,
  type Primitives,
  sealReveal,
  utf8,
} from "../../src/index.ts";

const plaintext = utf8('{"pin":"1928"}');
const info = utf8("agreed");
const none = new Uint8Array(0);
const platforms = { "node:crypto": nodeCryptoPrimitives, WebCrypto: webCryptoPrimitives };

for (const [name, primitives] of Object.entries(platforms))
  suite(`the reveal on ${name}`, () => {
    for (const [otherName, other] of Object.entries(platforms))
      test(`is opened on ${otherName}`, async () => {
        for (const agreed of [none, info]) {
          const key = await other.makeAgreementKey();
          const sealed = await sealReveal(primitives, { clientPoint: key.publicPoint, plaintext, info: agreed });
          const sizes = [sealed.ephemeralPoint, sealed.salt, sealed.iv, sealed.ciphertext].map(({ length }) => length);
          assert.deepEqual(sizes, [65, 32, 12, plaintext.length + 16]);
          assert.deepEqual(await openReveal(other, { key, sealed, info: agreed }), plaintext);
        }
      });

    test("OpenSSL opens what is sealed", async () => {
      const device = createECDH("prime256v1");
      const sealed = await sealReveal(primitives, { clientPoint: device.generateKeys(), plaintext, info });
      const key = Buffer.from(hkdfSync("sha256", device.computeSecret(sealed.ephemeralPoint), sealed.salt, info, 32));
      const decipher = createDecipheriv("aes-256-gcm", key, sealed.iv).setAuthTag(sealed.ciphertext.subarray(-16));
      const opened = Buffer.concat([decipher.update(sealed.ciphertext.subarray(0, -16)), decipher.final()]);
      assert.deepEqual(Uint8Array.from(opened), plaintext);
    });

    test("what OpenSSL seals is opened", async () => {
      const key = await primitives.makeAgreementKey();
      const issuer = createECDH("prime256v1");
      const [salt, iv, ephemeralPoint] = [
        primitives.randomBytes(32),
        primitives.randomBytes(12),
        issuer.generateKeys(),
      ];
      const contentKey = Buffer.from(hkdfSync("sha256", issuer.computeSecret(key.publicPoint), salt, none, 32));
      const cipher = createCipheriv("aes-256-gcm", contentKey, iv);
      const ciphertext = concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
      assert.deepEqual(
        await openReveal(primitives, { key, sealed: { ephemeralPoint, salt, iv, ciphertext }, info: none }),
        plaintext,
      );
    });

    test("each reveal has a key, a salt and an IV of its own", async () => {
      const { publicPoint: clientPoint } = await primitives.makeAgreementKey();
      const [one, two] = [
        await sealReveal(primitives, { clientPoint, plaintext, info }),
        await sealReveal(primitives, { clientPoint, plaintext, info }),
      ];
      for (const part of ["ephemeralPoint", "salt", "iv", "ciphertext"] as const)
        assert.notDeepEqual(one[part], two[part]);
    });

    test("refused: each altered byte, another info, another device's key, what is cut off", async () => {
      const key = await primitives.makeAgreementKey();
      const sealed = await sealReveal(primitives, { clientPoint: key.publicPoint, plaintext, info });
      const altered = (bytes: Uint8Array, index: number) => bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
      for (const part of ["salt", "iv", "ciphertext"] as const)
        for (const index of sealed[part].keys()) {
          const wrong = { ...sealed, [part]: altered(sealed[part], index) };
          await assert.rejects(openReveal(primitives, { key, sealed: wrong, info }), { code: "decryption_failed" });
        }
      const failing = [
        { key, sealed, info: none },
        { key, sealed, info: utf8("Agreed") },
        { key: await primitives.makeAgreementKey(), sealed, info },
        { key, sealed: { ...sealed, ephemeralPoint: (await primitives.makeAgreementKey()).publicPoint }, info },
        { key, sealed: { ...sealed, ciphertext: sealed.ciphertext.subarray(0, -1) }, info },
        { key, sealed: { ...sealed, ciphertext: none }, info },
        { key, sealed: { ...sealed, iv: sealed.iv.subarray(1) }, info },
        { key, sealed: { ...sealed, iv: none }, info },
      ];
      for (const input of failing) await assert.rejects(openReveal(primitives, input), { code: "decryption_failed" });
    });

    test("refused: a point that is none, on both ways", async () => {
      const key = await primitives.makeAgreementKey();
      const sealed = await sealReveal(primitives, { clientPoint: key.publicPoint, plaintext, info });
      const beside = key.publicPoint.map((byte, index) => (index === 64 ? byte ^ 1 : byte));
      for (const point of [
        none,
        Uint8Array.of(0),
        beside,
        key.publicPoint.subarray(1),
        new Uint8Array(65).fill(0, 1).fill(4, 0, 1),
      ]) {
        await assert.rejects(sealReveal(primitives, { clientPoint: point, plaintext, info }), {
          code: "public_key_unusable",
        });
        await assert.rejects(openReveal(primitives, { key, sealed: { ...sealed, ephemeralPoint: point }, info }), {
          code: "public_key_unusable",
        });
      }
    });

    test("neither the shared secret nor the content key stay behind", async () => {
      const { watched, secrets } = watch(primitives);
      const key = await watched.makeAgreementKey();
      const sealed = await sealReveal(watched, { clientPoint: key.publicPoint, plaintext, info });
      await openReveal(watched, { key, sealed, info });
      await assert.rejects(openReveal(watched, { key, sealed, info: none }));
      assert.deepEqual(secrets, new Array(6).fill(new Uint8Array(32)));
    });

    test("Wycheproof hkdf_sha256", { skip: withoutWycheproof }, async () => {
      const cases = readWycheproof<{ tests: readonly HkdfCase[] }>("hkdf_sha256_test.json").flatMap(
        ({ tests }) => tests,
      );
      const held = { valid: 0, invalid: 0, acceptable: 0 };
      for (const { tcId, comment, ikm, salt, info: infoHex, size, okm, result } of cases) {
        const input = {
          inputKey: bytesFromHex(ikm),
          salt: bytesFromHex(salt),
          info: bytesFromHex(infoHex),
          lengthBytes: size,
        };
        if (result === "valid")
          assert.equal(hexFromBytes(await primitives.hkdfSha256(input)), okm, `${tcId}: ${comment}`);
        else await assert.rejects(primitives.hkdfSha256(input), `${tcId}: ${comment}`);
        held[result] += 1;
      }
      assert.deepEqual(held, { valid: 83, invalid: 3, acceptable: 0 });
    });
  });

type HkdfCase = WycheproofCase & Readonly<Record<"ikm" | "salt" | "info" | "okm", string>> & { readonly size: number };

/** Keeps hold of every shared secret and every derived key. */
function watch(primitives: Primitives): { watched: Primitives; secrets: Uint8Array[] } {
  const secrets: Uint8Array[] = [];
  const keep = async <Secret extends Uint8Array>(making: Promise<Secret>) => {
    const secret = await making;
    secrets.push(secret);
    return secret;
  };
  const watched: Primitives = {
    ...primitives,
    hkdfSha256: (input) => keep(primitives.hkdfSha256(input)),
    makeAgreementKey: async () => {
      const { publicPoint, agree } = await primitives.makeAgreementKey();
      return { publicPoint, agree: (point) => keep(agree(point)) };
    },
  };
  return { watched, secrets };
}
