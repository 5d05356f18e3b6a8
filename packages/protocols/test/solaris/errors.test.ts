import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { errorCodes, LinchpinError } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/solaris/errors";
import { errorTable } from "../error-table.ts";

const requestId = "09bac5b1-813d-4748-b8c9-451147f08f34";
const id = "09bac5b1813d4748b8c9451147f08f34ex";
const wordsOf = (error: LinchpinError) => {
  const { status, body } = describeError(error, undefined, requestId);
  return { status, code: body.errors[0]?.code ?? "" };
};

describe("errors in Solaris' words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(new URL("../../solaris/README.md", import.meta.url), "utf8");
    const table = errorTable(wordsOf);
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
  });

  it("have Solaris' shape, whatever the error", () => {
    for (const code of errorCodes) {
      const { status, body } = describeError(
        new LinchpinError(code, { field: "pin", reason: "secret reason" }),
        undefined,
        requestId,
      );
      const [error] = body.errors;
      assert.deepEqual([error?.id, error?.status], [id, status]);
      assert.ok(status >= 400 && status < 600);
      assert.equal(error?.source?.field, "pin");
      assert.ok(!JSON.stringify(body).includes("secret reason"), "a reason is the operator's");
    }
  });

  it("say what is explained, unless the issuer itself failed", () => {
    const explained = (code: "decryption_failed" | "internal") =>
      describeError(new LinchpinError(code), "because", requestId).body.errors[0]?.detail;
    assert.match(explained("decryption_failed") ?? "", /because$/);
    assert.equal(explained("internal"), "Internal Server Error");
  });
});
