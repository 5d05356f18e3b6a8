import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { type ErrorCode, errorCodes, LinchpinError } from "@linchpin/core";
import { describeError, describeRainError } from "@linchpin/protocols/spritz/errors";
import { ErrorReply, RainConcurrentReply, RainErrorReply } from "@linchpin/protocols/spritz/wire";
import { Value } from "typebox/value";
import { errorTable } from "../error-table.ts";

const readmePath = new URL("../../spritz/README.md", import.meta.url);

describe("errors in Spritz' words", () => {
  it("are the ones of the README", () => {
    const readme = readFileSync(readmePath, "utf8");
    const table = errorTable((error) => {
      const { status, body } = describeError(error);
      return { status, code: body.code ?? body.resourceType ?? body.type, sentence: body.title };
    });
    const written = readme.replace(/(<!-- errors:begin -->\n).*?(<!-- errors:end -->)/s, `$1${table}\n$2`);
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(readmePath, written);
    else assert.equal(readme, written);
    assert.ok(written.includes(table), "README.md has the marks <!-- errors:begin --> and <!-- errors:end -->");
  });

  it("have the vendor's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body, mediaType } = describeError(
        new LinchpinError(code, { reason: "secret" }),
        undefined,
        "card-1",
      );
      assert.ok(Value.Check(ErrorReply, body));
      assert.equal(mediaType, "application/problem+json");
      assert.equal(body.status, status);
      assert.ok(!JSON.stringify(body).includes("secret"), "a reason is the operator's");
      assert.equal("code" in body, status !== 401 && status !== 404, code);
    }
  });

  it("name the card that is not there", () => {
    const { body } = describeError(new LinchpinError("card_unknown"), undefined, "card-1");
    assert.deepEqual([body.resourceType, body.resourceId, body.type], ["card", "card-1", "about:blank"]);
  });

  it("say what is explained, unless the issuer itself failed", () => {
    const detailOf = (code: ErrorCode) => describeError(new LinchpinError(code), "because").body.detail;
    assert.equal(detailOf("decryption_failed"), "because");
    assert.equal(detailOf("internal"), undefined);
    assert.equal(detailOf("unavailable"), undefined);
  });

  it("may be retried where the issuer is busy, and nowhere else", () => {
    for (const code of errorCodes) {
      const { status, body } = describeError(new LinchpinError(code));
      assert.equal(body.retryable === true && body.retryAfter === 1, status === 429 || status === 503, code);
    }
  });
});

describe("errors in Rain's words", () => {
  const of = (code: ErrorCode, task: "set" | "get" = "set", explanation?: string) =>
    describeRainError(new LinchpinError(code, { reason: "secret" }), explanation, task);

  it("have Rain's shape, whatever the error, and keep the reason", () => {
    for (const code of errorCodes) {
      const { status, body } = of(code);
      assert.ok(Value.Check(code === "conflict" ? RainConcurrentReply : RainErrorReply, body), code);
      if ("statusCode" in body) assert.equal(body.statusCode, status);
      assert.ok(!JSON.stringify(body).includes("secret"), "a reason is the operator's");
    }
  });

  it("are the ones that integrators have seen", () => {
    for (const code of ["decryption_failed", "encoding_invalid", "key_expired"] as const)
      for (const task of ["set", "get"] as const)
        assert.deepEqual(of(code, task), {
          status: 400,
          body: {
            statusCode: 400,
            error: "Bad Request",
            message: "Failed to Decrypt Session ID, RSA Public key Not Matching",
            errorMessageCodes: ["pin_decryption_failed"],
          },
        });
    const notSet = of("pin_not_set", "get").body;
    assert.ok("message" in notSet);
    assert.deepEqual([notSet.statusCode, notSet.message], [404, "Failed to get PIN, card does not have PIN set"]);
    assert.deepEqual(of("conflict"), {
      status: 429,
      body: { msg: "Concurrent requests with same idempotency key, please try again later" },
    });
  });

  it("say what was asked for and which rule stands against it", () => {
    const messageOf = (code: ErrorCode, task: "set" | "get", explanation?: string) => {
      const { body } = of(code, task, explanation);
      return "message" in body ? body.message : "";
    };
    assert.equal(messageOf("card_blocked", "set"), "Failed to set PIN, the card is blocked");
    assert.equal(messageOf("pin_blocked", "get"), "Failed to get PIN, the PIN is blocked");
    assert.match(messageOf("replayed", "get"), /^Failed to get PIN, this session key was used before/);
    assert.match(
      messageOf("pin_sequence", "set", "because"),
      /^Failed to set PIN, the PIN is a sequence of digits\. because$/,
    );
    assert.equal(messageOf("internal", "set", "because"), "the issuer failed");
  });

  it("are never repeated by Rain's client but where a repetition may help", () => {
    for (const code of errorCodes) assert.ok(![408, 409].includes(of(code).status), code);
  });
});
