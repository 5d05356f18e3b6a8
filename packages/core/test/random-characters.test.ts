import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { randomBelow, randomCharacters, utf8 } from "../src/index.ts";

/** Hands out these bytes, one a call, and keeps the arrays that it handed out. */
function sourceOf(...bytes: number[]) {
  const drawn: Uint8Array[] = [];
  const randomBytes = (length: number) => {
    assert.equal(length, 1);
    const next = Uint8Array.of(bytes.shift() ?? assert.fail("more was drawn than is needed"));
    drawn.push(next);
    return next;
  };
  return { randomBytes, drawn };
}

describe("a random number below a limit", () => {
  it("is each as often, over every byte that is not drawn again", () => {
    for (const limit of [1, 2, 9, 10, 36, 62, 100, 255, 256]) {
      const counts = new Map<number, number>();
      for (let byte = 0; byte < 256 - (256 % limit); byte++) {
        const number = randomBelow(sourceOf(byte), limit);
        counts.set(number, (counts.get(number) ?? 0) + 1);
      }
      assert.deepEqual(
        [...counts.keys()],
        Array.from({ length: limit }, (_, index) => index),
      );
      assert.equal(new Set(counts.values()).size, 1, `below ${limit}`);
    }
  });

  it("draws again where a byte would make small numbers more likely", () => {
    assert.equal(randomBelow(sourceOf(250, 255, 249), 10), 9);
    assert.equal(randomBelow(sourceOf(252, 251), 9), 8);
    assert.equal(randomBelow(sourceOf(248, 247), 62), 61);
  });

  it("leaves no byte behind that was drawn", () => {
    const source = sourceOf(250, 7);
    randomBelow(source, 10);
    assert.deepEqual(source.drawn, [new Uint8Array(1), new Uint8Array(1)]);
  });
});

describe("random characters", () => {
  it("are of the alphabet, as many as asked for", () => {
    assert.deepEqual(randomCharacters(sourceOf(0, 255, 12, 9), utf8("0123456789"), 3), utf8("029"));
    assert.deepEqual(randomCharacters(sourceOf(), utf8("0123456789"), 0), new Uint8Array(0));
  });

  it("are all that the alphabet has, in time", () => {
    const drawn = randomCharacters(nodeCryptoPrimitives, utf8("0123456789"), 2000);
    assert.equal(new Set(drawn).size, 10);
  });
});
