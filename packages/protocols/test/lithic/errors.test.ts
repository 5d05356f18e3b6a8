import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { errorCodes, LinchpinError } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/lithic/errors";
import { ErrorReply } from "@linchpin/protocols/lithic/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const requestId = "0199f3a2-5c1d-7c4e-9d3a-6f2b8e1a4c70";
const readmePath = new URL("../../lithic/README.md", import.meta.url);

describe("errors in Lithic's words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(readmePath, "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error, undefined, requestId);
      return { status, code: body.message };
    });
    const written = readme.replace(/(<!-- errors:begin -->\n).*?(<!-- errors:end -->)/s, `$1${table}\n$2`);
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(readmePath, written);
    else assert.equal(readme, written);
    assert.ok(written.includes(table), "README.md has the marks <!-- errors:begin --> and <!-- errors:end -->");
  });

  it("have Lithic's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body } = describeError(
        new LinchpinError(code, { field: "pin", reason: "secret" }),
        undefined,
        requestId,
      );
      assert.ok(Value.Check(ErrorReply, body));
      assert.ok(status >= 400 && status < 600);
      assert.ok(!JSON.stringify(body).includes("secret"), "a reason is the operator's");
    }
  });

  it("say in a sandbox what was wrong, and keep the issuer's faults to themselves", () => {
    const messageOf = (code: "decryption_failed" | "unavailable") =>
      describeError(new LinchpinError(code), "it opened, but nonce is a string", requestId).body.message;
    assert.equal(messageOf("decryption_failed"), "Could not decrypt PIN: it opened, but nonce is a string");
    assert.equal(messageOf("unavailable"), "Service Unavailable");
  });

  it("are repeated by the vendor's client only where a repetition may help", () => {
    for (const code of errorCodes) {
      const { status } = describeError(new LinchpinError(code), undefined, requestId);
      if (status === 408 || status === 409) assert.equal(code, "conflict");
      if (status === 429) assert.equal(code, "rate_limited");
    }
  });
});
