import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type ErrorCode, errorCodes, LinchpinError } from "@linchpin/core";
import { describeError, describeTokenError } from "@linchpin/protocols/venly/errors";
import { ErrorReply, TokenErrorReply } from "@linchpin/protocols/venly/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const errorOf = (code: ErrorCode) => new LinchpinError(code, { field: "value", reason: "secret" });
const messageOf = (code: ErrorCode, explanation?: string) =>
  describeError(errorOf(code), explanation).body.errors[0]?.message ?? "";

describe("errors in Venly's words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(new URL("../../venly/README.md", import.meta.url), "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error);
      return { status, code: body.errors[0]?.code ?? "" };
    });
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
  });

  it("have Venly's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body } = describeError(errorOf(code));
      assert.ok(Value.Check(ErrorReply, body));
      assert.ok(status >= 400 && status < 600);
      assert.match(body.errors[0]?.code ?? "", /^[a-z-]+\.[a-z-]+$/);
      assert.ok(!JSON.stringify(body).includes("secret"));
    }
  });

  it("are the published codes where there are some", () => {
    const codeOf = (code: ErrorCode) => describeError(errorOf(code)).body.errors[0]?.code;
    assert.equal(codeOf("signing_method_incorrect"), "pincode.incorrect");
    assert.equal(codeOf("signing_method_empty"), "pincode.empty");
    assert.equal(codeOf("signing_method_locked"), "pincode.no-tries-left");
  });

  it("say what is explained, unless the issuer itself failed", () => {
    assert.match(messageOf("decryption_failed", "because"), /^the envelope .*because$/);
    assert.equal(messageOf("internal", "because"), "the issuer failed");
  });

  it("of the token endpoint are those of RFC 6749", () => {
    for (const code of errorCodes) {
      const { body } = describeTokenError(errorOf(code));
      assert.ok(Value.Check(TokenErrorReply, body));
      assert.ok(!JSON.stringify(body).includes("secret"));
    }
    const answer = (code: ErrorCode) => {
      const { status, body } = describeTokenError(errorOf(code));
      return [status, body.error];
    };
    assert.deepEqual(answer("caller_unknown"), [401, "invalid_client"]);
    assert.deepEqual(answer("request_invalid"), [400, "invalid_request"]);
    assert.deepEqual(answer("rate_limited"), [429, "invalid_request"]);
    assert.deepEqual(answer("unavailable"), [503, "server_error"]);
    assert.deepEqual(answer("internal"), [500, "server_error"]);
  });
});
