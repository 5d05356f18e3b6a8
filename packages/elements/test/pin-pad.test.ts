import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shuffleDigits } from "../src/pin-pad.ts";

describe("shuffled digits", () => {
  it("are all ten, each once, and differ from time to time", () => {
    const orders = Array.from({ length: 50 }, () => shuffleDigits());
    for (const order of orders) assert.deepEqual(order.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.ok(new Set(orders.map(String)).size > 1);
  });

  it("throw away bytes that would make some orders likelier", () => {
    const bytes = [250, 255, 249, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const order = shuffleDigits((into) => into.fill(bytes.shift() ?? 0));
    assert.deepEqual(order, [9, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert.equal(bytes.length, 0);
  });

  it("are none without a source of randomness", () => {
    assert.throws(
      () =>
        shuffleDigits(() => {
          throw new Error("no source");
        }),
      /no source/,
    );
  });
});
