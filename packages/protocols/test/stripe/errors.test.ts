import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type ErrorCode, errorCodes, LinchpinError, type ShapeFault } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/stripe/errors";
import { ErrorReply } from "@linchpin/protocols/stripe/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const errorOf = (code: ErrorCode, about: object = {}, explanation?: string) =>
  describeError(new LinchpinError(code, about), explanation).body.error;

describe("errors in Stripe's words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(new URL("../../stripe/README.md", import.meta.url), "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error);
      const { code, type, message: sentence } = body.error;
      return { status, code: code ?? type, sentence };
    });
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
  });

  it("have Stripe's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body } = describeError(
        new LinchpinError(code, { field: "pin.encrypted_number", reason: "secret" }),
      );
      assert.ok(Value.Check(ErrorReply, body));
      assert.ok(status >= 400 && status < 600);
      assert.ok(!JSON.stringify(body).includes("secret"), "a reason is the operator's");
    }
  });

  it("are repeated by the vendor's client only where a repetition may help", () => {
    for (const code of errorCodes) {
      const { status } = describeError(new LinchpinError(code));
      if (status === 409) assert.equal(code, "conflict");
    }
  });

  it("name the parameter as a form does, and the rule that it breaks", () => {
    assert.equal(errorOf("request_invalid", { field: "pin.encrypted_number" }).param, "pin[encrypted_number]");
    assert.equal(errorOf("request_invalid", { field: "a.b.c" }).param, "a[b][c]");
    assert.equal(errorOf("request_invalid").param, undefined);
    const rules = { missing: "parameter_missing", unknown: "parameter_unknown", empty: "parameter_invalid_empty" };
    for (const [rule, code] of Object.entries(rules)) {
      const fault = { field: "a", reason: undefined, isOtherType: false, rule } as ShapeFault;
      assert.equal(errorOf("request_invalid", { field: "a", cause: [fault] }).code, code);
    }
  });

  it("have the type of idempotency for a key with other parameters alone", () => {
    for (const code of errorCodes) {
      const { type } = errorOf(code);
      assert.equal(type === "idempotency_error", code === "idempotency_key_used", code);
    }
  });

  it("say what is explained, unless the issuer itself failed", () => {
    assert.match(errorOf("decryption_failed", {}, "because").message, /\. because$/);
    assert.equal(errorOf("internal", {}, "because").message, "the issuer failed");
    assert.equal(errorOf("unavailable", {}, "because").message, "the issuer failed");
  });
});
