import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import Fastify from "fastify";
import pino from "pino";
import { answerErrors } from "../../src/http/answer-errors.ts";
import { describeProblem } from "../../src/http/problem.ts";

describe("an error's id", () => {
  const lines: { requestId?: string }[] = [];
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({
      log: pino({ level: "info" }, { write: (line) => lines.push(JSON.parse(line)) }),
    });
  });
  after(() => issuer.stop());

  for (const [protocol, path, member] of [
    ["solaris", "/solaris/none", "id"],
    ["adyen", "/adyen/bcl/v2/none", "requestId"],
    ["plumery", "/plumery/none", "requestId"],
  ] as const)
    it(`of ${protocol} leads to the log`, async () => {
      const { body } = await call("GET", `${issuer.url}${path}`);
      const id: string = (body.errors?.[0] ?? body)[member];
      if (protocol === "solaris") assert.match(id, /^[0-9a-f]{32}ex$/);
      const digits = id.replaceAll("-", "").replace(/ex$/, "");
      assert.ok(lines.some(({ requestId }) => requestId?.replaceAll("-", "") === digits));
    });
});

describe("what is unavailable", () => {
  for (const [code, status, retryAfter] of [
    ["unavailable", 503, "1"],
    ["internal", 500, undefined],
  ] as const)
    it(`answers ${status}, retry-after ${retryAfter}`, async () => {
      const app = Fastify();
      answerErrors(app, async () => undefined, describeProblem);
      app.get("/", () => Promise.reject(new LinchpinError(code)));
      const { statusCode, headers } = await app.inject("/");
      assert.deepEqual([statusCode, headers["retry-after"]], [status, retryAfter]);
    });
});
