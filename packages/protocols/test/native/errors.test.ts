import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { errorCodes, LinchpinError } from "@linchpin/core";
import { describeError, refusals } from "@linchpin/protocols/native/errors";
import { refusalCodes } from "@linchpin/protocols/native/layout";
import { ErrorReply } from "@linchpin/protocols/native/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const readme = readFileSync(new URL("../../native/README.md", import.meta.url), "utf8");
const describeCode = (code: (typeof errorCodes)[number], explanation?: string) =>
  describeError(new LinchpinError(code, { field: "card", reason: "secret" }), explanation, "request-1");

describe("errors of the native protocol", () => {
  it("are the ones of the README", () => {
    const table = errorTable((error) => describeError(error, undefined, "request-1").body);
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
    const listed = /Codes of `refused`: (.*?)\. Take/s.exec(readme)?.[1]?.matchAll(/`(\w+)`/g) ?? [];
    assert.deepEqual(
      [...listed].map(([, code]) => code),
      [...refusalCodes],
    );
  });

  it("are problem details, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body } = describeCode(code);
      assert.ok(Value.Check(ErrorReply, body));
      assert.equal(body.status, status);
      assert.ok(!JSON.stringify(body).includes("secret"));
    }
  });

  it("are explained where the caller may know, save the issuer's own faults", () => {
    assert.equal(describeCode("session_mismatch", "why").body.detail, "why");
    for (const code of ["internal", "outcome_unknown"] as const)
      assert.deepEqual(
        [describeCode(code, "why").body.detail, describeCode(code).body.title],
        [undefined, "the issuer failed"],
      );
  });

  it("tell a stranger's card, device and person apart from nobody's by no more than that they do not belong together", () => {
    for (const code of ["person_unknown", "device_of_another_person", "session_mismatch"] as const)
      assert.equal(describeCode(code).body.code, "session_mismatch");
    assert.equal(describeCode("device_unverified").body.code, "device_unknown");
  });

  it("are read by devices as what they say", () => {
    for (const [word, code] of Object.entries(refusals.codes)) assert.equal(word, code);
    assert.equal(refusals.wordIn({ code: 7 }), undefined);
  });
});
