import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { errorCodes, LinchpinError } from "@linchpin/core";
import { describeError, describeTokenError } from "@linchpin/protocols/worldline/errors";
import { ErrorReply, TokenErrorReply } from "@linchpin/protocols/worldline/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const messageOf = (code: LinchpinError["code"], explanation?: string) =>
  describeError(new LinchpinError(code), explanation, "id").body.responseMetadata.statusMessage;

describe("errors in Worldline's words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(new URL("../../worldline/README.md", import.meta.url), "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error, undefined, "id");
      return { status, code: body.responseMetadata.statusMessage };
    });
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
  });

  it("have Worldline's shape, whatever the error, and keep the reason and the field", () => {
    for (const code of errorCodes) {
      const error = new LinchpinError(code, { field: "secretField", reason: "secret reason" });
      const at = new Date("2026-11-29T11:02:45.123Z");
      const { status, body } = describeError(error, undefined, "an id", at);
      assert.ok(Value.Check(ErrorReply, body));
      const { correlationId, responseDateTime, statusCode } = body.responseMetadata;
      assert.deepEqual([correlationId, responseDateTime, statusCode], ["an id", "2026-11-29T11:02:45.123Z", status]);
      assert.doesNotMatch(JSON.stringify(body), /secret/);
      assert.ok(Value.Check(TokenErrorReply, describeTokenError(error).body));
    }
  });

  it("are one answer for whatever is wrong with a message", () => {
    const codes = [
      "decryption_failed",
      "replayed",
      "pin_reused",
      "pin_sequence",
      "key_unknown",
      "pin_blocked",
    ] as const;
    for (const code of codes) assert.equal(messageOf(code), "Bad request");
  });

  it("say what is explained after a colon, unless the issuer itself failed", () => {
    assert.equal(messageOf("decryption_failed", "because"), "Bad request: because");
    assert.equal(messageOf("internal", "because"), "Internal server error");
    assert.equal(messageOf("unavailable", "because"), "Service unavailable");
  });
});
