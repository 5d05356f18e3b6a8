import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, equalInConstantTime } from "../src/index.ts";

test("parts stand one behind the other, in memory of their own", () => {
  const part = Uint8Array.of(1, 2);
  const whole = concatBytes(part, new Uint8Array(0), Uint8Array.of(3));
  part.fill(9);
  assert.deepEqual(whole, Uint8Array.of(1, 2, 3));
  assert.equal(concatBytes().length, 0);
});

test("bytes are equal only if all are", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  assert.equal(equalInConstantTime(bytes, Uint8Array.of(1, 2, 3)), true);
  for (const other of [[0, 2, 3], [1, 0, 3], [1, 2, 0x83], [1, 2], [1, 2, 3, 0], []])
    assert.equal(equalInConstantTime(bytes, Uint8Array.from(other)), false);
});
