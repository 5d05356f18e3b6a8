import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCodes, LinchpinError } from "@linchpin/core";
import { failureOf } from "../src/failure.ts";

describe("a failure", () => {
  it("has words for every code of PIN, key and device that a cardholder can meet", () => {
    const codes = errorCodes.filter((code) => /^(pin|key|device)_/.test(code) && code !== "device_key_exists");
    assert.ok(codes.length > 15);
    for (const code of codes)
      assert.notEqual(failureOf(new LinchpinError(code), "failureOther").text, "failureOther", code);
  });

  it("has words for every code that a native task can end with", () => {
    const codes = errorCodes.filter(
      (code) => /^(session|code|manifest|issuer_key)_/.test(code) && code !== "session_unknown",
    );
    assert.equal(codes.length, 9);
    for (const code of [...codes, "conflict", "outcome_unknown"] as const)
      assert.notEqual(failureOf(new LinchpinError(code), "failureOther").text, "failureOther", code);
  });

  it("says of a refused signing PIN that it was not accepted, and never that the outcome is unknown", () => {
    for (const code of [
      "user_unknown",
      "signing_method_unknown",
      "signing_method_incorrect",
      "signing_method_malformed",
      "signing_method_locked",
    ] as const)
      assert.equal(failureOf(new LinchpinError(code), "failureUnknown").text, "failureRefused", code);
  });

  it("of a relay that lies offers no retry", () => {
    for (const code of ["session_refused", "manifest_refused", "issuer_key_unvouched"] as const)
      assert.deepEqual(failureOf(new LinchpinError(code), "failureOther"), {
        code,
        text: "failureUnsafe",
        next: "nothing",
      });
  });

  it("of another bundle's LinchpinError is known by its code", () => {
    const error = Object.assign(new Error("of another bundle"), { code: "pin_reused" });
    assert.deepEqual(failureOf(error, "failureOther"), {
      code: "pin_reused",
      text: "failureReused",
      next: "chooseAnother",
    });
  });

  it("of anything else is `internal`, and says what the caller does not know", () => {
    for (const thrown of [undefined, null, "1928", 1928, {}, { code: "pin_reused" }, new TypeError("1928")])
      assert.deepEqual(failureOf(thrown, "failureUnknown"), {
        code: "internal",
        text: "failureUnknown",
        next: "retry",
      });
  });

  it("offers no retry where it can't help", () => {
    for (const code of ["card_blocked", "card_terminated", "device_unknown", "token_expired", "pin_blocked"] as const)
      assert.equal(failureOf(new LinchpinError(code), "failureOther").next, "nothing");
  });
});
