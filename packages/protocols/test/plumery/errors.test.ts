import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type ErrorCode, errorCodes, LinchpinError } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/plumery/errors";
import { ErrorReply } from "@linchpin/protocols/plumery/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const urn = "urn:plmr:cards:connector";
const requestId = "request-1";
const describeCode = (code: ErrorCode, explanation?: string) =>
  describeError(new LinchpinError(code, { field: "X-Client-Public-Key", reason: "secret" }), explanation, requestId);

describe("errors in Plumery's words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(new URL("../../plumery/README.md", import.meta.url), "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error, undefined, requestId);
      return { status, code: body.code };
    });
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
  });

  it("have Plumery's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body } = describeCode(code);
      assert.ok(Value.Check(ErrorReply, body));
      assert.ok(status >= 400 && status < 600);
      assert.equal(body.requestId, requestId);
      assert.ok(body.code.startsWith(`${urn}:`));
      assert.ok(!JSON.stringify(body).includes("secret"));
    }
  });

  it("are a 400 for a card that is not there, as for one that is in no state for it", () => {
    for (const code of ["card_unknown", "card_terminated", "card_blocked", "pin_blocked", "pin_not_set"] as const)
      assert.equal(describeCode(code).status, 400);
  });

  it("name the field that is missing or blank, and no other", () => {
    const codesOf = (code: ErrorCode) => describeCode(code).body.fieldErrors.map(({ field, code }) => [field, code]);
    assert.deepEqual(codesOf("header_missing"), [["X-Client-Public-Key", `${urn}:NOT_NULL`]]);
    assert.deepEqual(codesOf("header_blank"), [["X-Client-Public-Key", `${urn}:NOT_BLANK`]]);
    assert.deepEqual(codesOf("public_key_unusable"), []);
    assert.deepEqual(codesOf("internal"), []);
  });

  it("say what is explained, unless the issuer itself failed", () => {
    assert.match(describeCode("card_blocked", "because").body.message, /: because$/);
    assert.doesNotMatch(describeCode("internal", "because").body.message, /because/);
    assert.doesNotMatch(describeCode("unavailable", "because").body.message, /because/);
  });
});
