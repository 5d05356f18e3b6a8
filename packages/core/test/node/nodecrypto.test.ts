import assert from "node:assert/strict";
import { Decipheriv } from "node:crypto";
import { test } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { holdPrimitivesContract } from "@linchpin/test-fixtures/contracts/primitives-contract";

holdPrimitivesContract("node:crypto", nodeCryptoPrimitives);

test("no copy of a plaintext stays behind, whether it is whole or not", async (t) => {
  const kept: Uint8Array[] = [];
  for (const method of ["update", "final"] as const) {
    const original = Decipheriv.prototype[method] as (...input: unknown[]) => Uint8Array;
    t.mock.method(Decipheriv.prototype, method, function (this: Decipheriv, ...input: unknown[]) {
      const part = original.apply(this, input);
      kept.push(part);
      return part;
    });
  }
  const [key, iv] = [new Uint8Array(32), new Uint8Array(16)];
  const plaintext = new Uint8Array(40).fill(0xaa);
  const ciphertext = await nodeCryptoPrimitives.encryptAesCbc(key, iv, plaintext);
  assert.deepEqual(await nodeCryptoPrimitives.decryptAesCbc(key, iv, ciphertext), plaintext);
  await assert.rejects(nodeCryptoPrimitives.decryptAesCbc(key, iv, ciphertext.subarray(0, 32)));
  const lengths = kept.map(({ length }) => length);
  assert.ok(lengths.reduce((sum, length) => sum + length, 0) > 40);
  assert.ok(kept.flatMap((part) => [...part]).every((byte) => byte === 0));
});
