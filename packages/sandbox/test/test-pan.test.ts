import assert from "node:assert/strict";
import { test } from "node:test";
import { hasCheckDigit } from "@linchpin/server/issuer";
import { makeTestPan } from "../src/test-pan.ts";

test("a test PAN has 16 digits of nobody's IIN, and its check digit is right", () => {
  const pans = Array.from({ length: 200 }, () => makeTestPan());
  for (const pan of pans) {
    assert.match(new TextDecoder().decode(pan), /^999999[0-9]{10}$/);
    assert.ok(hasCheckDigit(pan));
  }
  assert.equal(new Set(pans.map(String)).size, pans.length);
});
