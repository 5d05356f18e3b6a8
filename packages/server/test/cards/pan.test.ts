import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { utf8 } from "@linchpin/core";
import fc from "fast-check";
import { hasCheckDigit } from "../../src/cards/pan.ts";

describe("a PAN's check digit", () => {
  // Test numbers that card schemes and acquirers publish.
  const published = [
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "6331101999990016",
  ];

  test("is right in test numbers that card schemes publish", () => {
    for (const pan of published) assert.ok(hasCheckDigit(utf8(pan)), pan);
  });

  test("is wrong when one digit is another", () => {
    for (const pan of published)
      for (const [index, digit] of [...pan].entries())
        for (const other of "0123456789".replace(digit, "")) {
          const wrong = `${pan.slice(0, index)}${other}${pan.slice(index + 1)}`;
          assert.ok(!hasCheckDigit(utf8(wrong)), wrong);
        }
  });

  test("is wrong when two neighbours change places, but for 0 and 9", () => {
    fc.assert(
      fc.property(fc.constantFrom(...published), fc.nat(12), (pan, index) => {
        const [one = "", two = ""] = pan.slice(index, index + 2);
        fc.pre(one !== two && `${one}${two}` !== "09" && `${one}${two}` !== "90");
        return !hasCheckDigit(utf8(`${pan.slice(0, index)}${two}${one}${pan.slice(index + 2)}`));
      }),
    );
  });
});
