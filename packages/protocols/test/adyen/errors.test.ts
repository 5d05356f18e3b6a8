import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { errorCodes, LinchpinError } from "@linchpin/core";
import { describeError } from "@linchpin/protocols/adyen/errors";
import { ErrorReply } from "@linchpin/protocols/adyen/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

suite("errors in Adyen's words", () => {
  test("are the ones of the README", () => {
    const readme = readFileSync(new URL("../../adyen/README.md", import.meta.url), "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error, undefined, "request-1");
      return { status, code: body.errorCode };
    });
    assert.ok(readme.includes(table), `README.md has another table than this, which errors.ts makes:\n${table}`);
  });

  test("have Adyen's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes)
      for (const about of [{}, { field: "token", reason: "secret" }]) {
        const { status, body } = describeError(new LinchpinError(code, about), undefined, "request-1");
        assert.ok(Value.Check(ErrorReply, body));
        assert.equal(body.status, status);
        assert.equal(body.requestId, "request-1");
        assert.ok(!JSON.stringify(body).includes("secret"));
      }
  });

  test("that are published are as published", () => {
    const published = [
      ["json_invalid", 400, "00_400"],
      ["caller_unknown", 401, "00_401"],
      ["credentials_missing", 401, "00_401"],
      ["caller_not_allowed", 403, "00_403"],
      ["card_unknown", 422, "30_031"],
      ["internal", 500, "00_500"],
    ] as const;
    for (const [code, status, errorCode] of published) {
      const { body } = describeError(new LinchpinError(code), undefined, "request-1");
      assert.deepEqual([body.status, body.errorCode], [status, errorCode]);
    }
  });

  test("name a field and never its value", () => {
    const { body } = describeError(new LinchpinError("request_invalid", { field: "token" }), undefined, "request-1");
    assert.deepEqual(
      body.invalidFields?.map(({ name, value }) => [name, value]),
      [["token", ""]],
    );
    assert.equal(
      describeError(new LinchpinError("request_invalid"), undefined, "request-1").body.invalidFields,
      undefined,
    );
  });

  test("say what is explained, unless the issuer itself failed", () => {
    const explain = (code: "replayed" | "internal" | "unavailable") =>
      describeError(new LinchpinError(code), "because", "request-1").body.detail;
    assert.match(explain("replayed"), /\. because$/);
    assert.doesNotMatch(explain("internal"), /because/);
    assert.doesNotMatch(explain("unavailable"), /because/);
  });
});
