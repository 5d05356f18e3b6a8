import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCodes, LinchpinError } from "../../src/index.ts";

test("each code has a sentence of its own that needs no value", () => {
  const sentences = errorCodes.map((code) => new LinchpinError(code).message);
  assert.equal(new Set(sentences).size, errorCodes.length);
  for (const code of errorCodes) assert.match(code, /^[a-z]+(_[a-z]+)*$/);
});

test("the message says nothing that was handed in", () => {
  const error = new LinchpinError("signature_invalid", { reason: "reason-x", field: "field-x", cause: "cause-x" });
  assert.deepEqual(
    [error.name, error.code, error.reason, error.field],
    ["LinchpinError", "signature_invalid", "reason-x", "field-x"],
  );
  assert.doesNotMatch(`${error}`, /-x/);
});
