import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesFromHex, utf8 } from "@linchpin/core";
import { noblePrimitives, type RandomSource } from "@linchpin/device/noble";
import { holdPrimitivesContract } from "@linchpin/test-fixtures/contracts/primitives-contract";

holdPrimitivesContract("@noble", noblePrimitives(crypto));

test("without a source of randomness there are none", () => {
  for (const source of [undefined, null, {}, { getRandomValues: undefined }])
    assert.throws(() => noblePrimitives(source as RandomSource), { code: "random_unavailable" });
});

test("a source that fills nothing in is none", async () => {
  const primitives = noblePrimitives({ getRandomValues: (bytes) => bytes });
  assert.throws(() => primitives.randomBytes(16), { code: "random_unavailable" });
  for (const make of [primitives.makeSigningKey, primitives.makeAgreementKey])
    await assert.rejects(make(), { code: "random_unavailable" });
  const key = await noblePrimitives(crypto).makeSigningKey();
  assert.equal((await key.sign(utf8("a"))).length, 64);
});

test("a source that fails is not covered up", () => {
  const primitives = noblePrimitives({
    getRandomValues: () => {
      throw new RangeError("empty");
    },
  });
  assert.throws(() => primitives.randomBytes(16), RangeError);
});

test("the input of a cipher stays as it was", async () => {
  const primitives = noblePrimitives(crypto);
  const [key, iv, plaintext] = [bytesFromHex("11".repeat(32)), bytesFromHex("22".repeat(16)), utf8("plain")];
  const sealed = await primitives.encryptAesCbc(key, iv, plaintext);
  await primitives.decryptAesCbc(key, iv, sealed);
  await primitives.hkdfSha256({ inputKey: key, salt: iv, info: plaintext, lengthBytes: 32 });
  assert.deepEqual([key, iv, plaintext], [bytesFromHex("11".repeat(32)), bytesFromHex("22".repeat(16)), utf8("plain")]);
});
