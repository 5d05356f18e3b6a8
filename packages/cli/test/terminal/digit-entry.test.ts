import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { DigitEntry, key } from "../../src/terminal/digit-entry.ts";

/** What is typed, as a terminal in raw mode sends it. */
function type(...typed: (string | number)[]) {
  const echoes: string[] = [];
  const entry = new DigitEntry(12, (echo) => echoes.push(echo));
  const bytes = typed.flatMap((part) => (typeof part === "number" ? [part] : [...Buffer.from(part)]));
  const states = bytes.map((byte) => entry.press(byte));
  return { entry, digits: Buffer.from(entry.digits()).toString("latin1"), echo: echoes.join(""), states };
}

suite("digit entry", () => {
  test("keeps digits and shows stars", () => {
    const { digits, echo } = type("1928");
    assert.equal(digits, "1928");
    assert.equal(echo, "****");
  });

  test("ends at Enter", () => {
    for (const end of [key.enter, key.newline]) assert.deepEqual(type("1", end).states, ["typing", "entered"]);
  });

  test("is interrupted by Ctrl-C and Ctrl-D", () => {
    for (const end of [key.interrupt, key.endOfInput]) assert.deepEqual(type(end).states, ["interrupted"]);
  });

  test("takes back the last digit, by either key", () => {
    for (const back of [key.backspace, key.delete]) {
      const { digits, echo } = type("192", back, "58");
      assert.equal(digits, "1958");
      assert.equal(echo, "***\b \b**");
    }
  });

  test("has nothing to take back where nothing was typed", () => {
    const { digits, echo } = type(key.backspace, key.clear, "1");
    assert.equal(digits, "1");
    assert.equal(echo.replaceAll("\b \b", "-"), "*");
  });

  test("takes all back by Ctrl-U", () => assert.equal(type("19", key.clear, "73").digits, "73"));

  test("rings at what is no digit, and never shows it", () => {
    const { digits, echo } = type("1a９ 2");
    assert.equal(digits, "12");
    assert.equal(echo, `*${"\u0007".repeat(5)}*`);
  });

  test("rings at the thirteenth digit", () => {
    const { digits, echo } = type("1234567890123");
    assert.equal(digits, "123456789012");
    assert.equal(echo, `${"*".repeat(12)}\u0007`);
  });

  test("takes no digit out of an arrow, a function key or Delete", () => {
    for (const sequence of ["\u001b[D", "\u001b[3~", "\u001b[15;2~", "\u001bOP", "\u001b[1;5C"]) {
      const { digits, echo } = type("19", sequence, "28");
      assert.equal(digits, "1928");
      assert.equal(echo, "****");
    }
  });

  test("wipes the digits themselves", () => {
    const { entry } = type("1928");
    const digits = entry.digits();
    entry.wipe();
    assert.deepEqual([...digits], [0, 0, 0, 0]);
    assert.equal(entry.digits().length, 0);
  });
});
