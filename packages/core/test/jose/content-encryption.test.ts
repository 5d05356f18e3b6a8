import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { suite, test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { readWycheproof, type WycheproofCase, withoutWycheproof } from "@linchpin/test-fixtures/vectors/wycheproof";
import { bytesFromHex, hexFromBytes, LinchpinError, rsaOaep256A256CbcHs512 as profile, utf8 } from "../../src/index.ts";
import { openContent, type SealedContent, sealContent } from "../../src/jose/content-encryption.ts";

/** RFC 7518 §B.3. */
const rfc7518 = {
  contentKey: Uint8Array.from({ length: 64 }, (_, index) => index),
  plaintext: utf8(
    "A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience",
  ),
  sealed: {
    aad: utf8("The second principle of Auguste Kerckhoffs"),
    iv: bytesFromHex("1af38c2dc2b96ffdd86694092341bc04"),
    ciphertext: bytesFromHex(
      "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6",
    ),
    tag: bytesFromHex("4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"),
  },
};

for (const [name, primitives] of [
  ["node:crypto", nodeCryptoPrimitives],
  ["WebCrypto", webCryptoPrimitives],
] as const)
  suite(`A256CBC-HS512 on ${name}`, () => {
    const { contentKey, plaintext, sealed } = rfc7518;

    test("RFC 7518 B.3, sealed and opened", async () => {
      const withItsIv = { ...primitives, randomBytes: () => Uint8Array.from(sealed.iv) };
      const made = await sealContent(withItsIv, profile, { aad: sealed.aad, plaintext }, contentKey);
      assert.deepEqual({ aad: sealed.aad, ...made }, sealed);
      assert.deepEqual(await openContent(primitives, profile, sealed, contentKey), plaintext);
    });

    test("each altered byte of each part fails alike", async () => {
      for (const part of ["aad", "iv", "ciphertext", "tag"] as const)
        for (const index of sealed[part].keys())
          await assert.rejects(
            openContent(primitives, profile, { ...sealed, [part]: altered(sealed[part], index) }, contentKey),
            tagWrong,
          );
    });

    test("an altered MAC key fails alike, and an altered AES key does not give the plaintext", async () => {
      await assert.rejects(openContent(primitives, profile, sealed, altered(contentKey, 31)), tagWrong);
      const opened = await openContent(primitives, profile, sealed, altered(contentKey, 32)).catch(
        (error) => error.code,
      );
      assert.notDeepEqual(opened, plaintext);
    });

    test("what is cut off, swapped or moved over a border fails alike", async () => {
      const { aad, iv, ciphertext, tag } = sealed;
      const wrong: Record<string, SealedContent> = {
        "tag cut": { ...sealed, tag: tag.subarray(0, 31) },
        "no tag": { ...sealed, tag: new Uint8Array(0) },
        "the whole MAC as tag": { ...sealed, tag: Uint8Array.of(...tag, ...new Uint8Array(32)) },
        "ciphertext cut": { ...sealed, ciphertext: ciphertext.subarray(0, -16) },
        "no ciphertext": { ...sealed, ciphertext: new Uint8Array(0) },
        "blocks swapped": {
          ...sealed,
          ciphertext: Uint8Array.of(...ciphertext.subarray(16), ...ciphertext.subarray(0, 16)),
        },
        "no AAD": { ...sealed, aad: new Uint8Array(0) },
        "AAD's end moved to the IV": {
          ...sealed,
          aad: aad.subarray(0, -1),
          iv: Uint8Array.of(...aad.subarray(-1), ...iv),
        },
        "AAD and IV swapped": { ...sealed, aad: iv, iv: aad },
      };
      for (const [what, content] of Object.entries(wrong))
        await assert.rejects(openContent(primitives, profile, content, contentKey), tagWrong, what);
    });

    test("a content key, an IV and a tag of another length than the profile's fail alike", async () => {
      for (const length of [0, 32, 63, 65, 128])
        await assert.rejects(openContent(primitives, profile, sealed, new Uint8Array(length)), tagWrong, `${length}`);
      for (const length of [0, 12, 15, 17]) {
        const iv = new Uint8Array(length);
        const tag = await tagOf({ ...sealed, iv });
        await assert.rejects(
          openContent(primitives, profile, { ...sealed, iv, tag }, contentKey),
          tagWrong,
          `${length}`,
        );
      }
      for (const length of [0, 16, 31, 33, 64]) {
        const tag = Uint8Array.from({ length }, (_, index) => sealed.tag[index] ?? 0);
        await assert.rejects(openContent(primitives, profile, { ...sealed, tag }, contentKey), tagWrong, `${length}`);
      }
    });

    test("a further row is a row: RFC 7518 B.1, which is in no table yet", async () => {
      const a128CbcHs256 = { contentKeyBytes: 32, hmac: "SHA-256" as "SHA-512" };
      const shortKey = contentKey.subarray(0, 32);
      const withItsIv = { ...primitives, randomBytes: () => Uint8Array.from(sealed.iv) };
      const { aad } = sealed;
      const made = { aad, ...(await sealContent(withItsIv, a128CbcHs256, { aad, plaintext }, shortKey)) };
      assert.equal(hexFromBytes(made.tag), "652c3fa36b0a7c5b3219fab3a30bc1c4");
      assert.equal(hexFromBytes(made.ciphertext.subarray(0, 16)), "c80edfa32ddf39d5ef00c0b468834279");
      assert.deepEqual(await openContent(primitives, a128CbcHs256, made, shortKey), plaintext);
      await assert.rejects(openContent(primitives, a128CbcHs256, made, contentKey), tagWrong);
      await assert.rejects(openContent(primitives, profile, made, shortKey), tagWrong);
    });

    test("two sealings differ", async () => {
      const [one, two] = [
        await sealContent(primitives, profile, { aad: sealed.aad, plaintext }, contentKey),
        await sealContent(primitives, profile, { aad: sealed.aad, plaintext }, contentKey),
      ];
      assert.notDeepEqual(one.iv, two.iv);
      assert.notDeepEqual(one.ciphertext, two.ciphertext);
    });

    test("Wycheproof a256cbc_hs512", { skip: withoutWycheproof }, async () => {
      const cases = readWycheproof<{ tests: readonly AeadCase[] }>("a256cbc_hs512_test.json").flatMap(
        ({ tests }) => tests,
      );
      const opened = { valid: 0, invalid: 0, acceptable: 0 };
      for (const { tcId, comment, key, iv, aad, msg, ct, tag, result } of cases) {
        const content = {
          aad: bytesFromHex(aad),
          iv: bytesFromHex(iv),
          ciphertext: bytesFromHex(ct),
          tag: bytesFromHex(tag),
        };
        const opening = openContent(primitives, profile, content, bytesFromHex(key));
        if (result === "valid") assert.equal(hexFromBytes(await opening), msg, `${tcId}: ${comment}`);
        else await assert.rejects(opening, tagWrong, `${tcId}: ${comment}`);
        opened[result] += 1;
      }
      assert.deepEqual(opened, { valid: 67, invalid: 27, acceptable: 0 });
    });
  });

/** A tag that verifies, over an IV of any length. */
async function tagOf({ aad, iv, ciphertext }: SealedContent): Promise<Uint8Array> {
  const lengthBits = new Uint8Array(8);
  new DataView(lengthBits.buffer).setBigUint64(0, BigInt(8 * aad.length));
  const mac = createHmac("sha512", rfc7518.contentKey.subarray(0, 32));
  for (const part of [aad, iv, ciphertext, lengthBits]) mac.update(part);
  return Uint8Array.from(mac.digest().subarray(0, 32));
}

type AeadCase = WycheproofCase & Readonly<Record<"key" | "iv" | "aad" | "msg" | "ct" | "tag", string>>;

function tagWrong(error: unknown): boolean {
  return error instanceof LinchpinError && error.code === "decryption_failed" && error.cause === undefined;
}

function altered(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
}
