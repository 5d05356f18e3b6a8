import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DigitEntry } from "../src/digit-entry.ts";

const entryOf = (digits: readonly number[]) => {
  const entry = new DigitEntry();
  for (const digit of digits) entry.push(digit);
  return entry;
};

describe("digits as they are typed", () => {
  it("become a PIN of their own, which outlives them", () => {
    const entry = entryOf([1, 9, 0, 5]);
    entry.pop();
    entry.push(8);
    const pin = entry.toPin();
    entry.wipe();
    assert.deepEqual([...pin.asciiDigits()], [0x31, 0x39, 0x30, 0x38]);
    assert.equal(entry.count, 0);
  });

  it("take back no more than there is", () => {
    const entry = entryOf([1]);
    entry.pop();
    entry.pop();
    assert.equal(entry.count, 0);
  });

  it("are equal to the same digits only, however many", () => {
    assert.ok(entryOf([1, 9, 2, 8]).equals(entryOf([1, 9, 2, 8])));
    for (const other of [[1, 9, 2], [1, 9, 2, 8, 0], [8, 2, 9, 1], []])
      assert.ok(!entryOf([1, 9, 2, 8]).equals(entryOf(other)));
  });

  it("leave no trace of what was taken back", () => {
    const entry = entryOf([1, 9, 2, 8, 7]);
    entry.pop();
    assert.ok(entry.equals(entryOf([1, 9, 2, 8])));
  });

  it("make no PIN below four", () => {
    assert.throws(() => entryOf([1, 9, 2]).toPin(), { code: "pin_malformed" });
  });

  it("print as nothing", () => {
    assert.doesNotMatch(JSON.stringify(entryOf([1, 9, 2, 8])), /\d/);
  });
});
