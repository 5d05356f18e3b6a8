import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodeCryptoPrimitives } from "@linchpin/core/node";

const { randomBytes } = nodeCryptoPrimitives;

describe("random bytes that are drawn ahead", () => {
  it("come in every length, in a buffer of their own", () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = randomBytes(length);
      assert.deepEqual([bytes.length, bytes.buffer.byteLength], [length, length]);
    }
  });

  it("are never handed out twice, and never before they were drawn", () => {
    const halves = new Set<string>();
    const count = 5000;
    for (let index = 0; index < count; index++) {
      const text = Buffer.from(randomBytes(16 + (index % 40))).toString("hex");
      halves.add(text.slice(0, 16)).add(text.slice(-16));
    }
    assert.equal(halves.size, 2 * count);
    assert.ok(!halves.has("0".repeat(16)));
  });

  it("do not change when those that were handed out before are wiped", () => {
    const first = randomBytes(16);
    const second = randomBytes(16);
    const before = Buffer.from(second).toString("hex");
    first.fill(0);
    for (let count = 0; count < 600; count++) randomBytes(16);
    assert.equal(Buffer.from(second).toString("hex"), before);
  });
});
