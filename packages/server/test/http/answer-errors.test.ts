import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import Fastify from "fastify";
import pino from "pino";
import { answerErrors } from "../../src/http/answer-errors.ts";
import { describeProblem } from "../../src/http/problem.ts";
import { protocolTable } from "../../src/protocol-table.ts";

/** Where a protocol's errors have the id; a protocol that is not here has it in the header alone. */
const members: Readonly<Record<string, string>> = { solaris: "id", adyen: "requestId", plumery: "requestId" };
const idPattern = /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/g;

describe("an error's id", () => {
  const lines: { requestId?: string }[] = [];
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({
      log: pino({ level: "info" }, { write: (line) => lines.push(JSON.parse(line)) }),
    });
  });
  after(() => issuer.stop());

  for (const { name: protocol, prefix } of protocolTable)
    it(`of ${protocol} leads to the log`, async () => {
      const { headers, body } = await call("GET", `${issuer.url}${prefix}/none`);
      const member = members[protocol];
      if (member !== undefined) assert.ok((body.errors?.[0] ?? body)[member], "the id is in the body");
      if (protocol === "solaris") assert.match(body.errors[0].id, /^[0-9a-f]{32}ex$/);
      const ids = [headers.get("x-request-id") ?? "", ...(JSON.stringify(body).match(idPattern) ?? [])];
      for (const id of ids) assert.ok(lines.some(({ requestId }) => digitsOf(requestId) === digitsOf(id)));
      assert.equal(new Set(ids.map(digitsOf)).size, 1);
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
function digitsOf(id: string | undefined): string | undefined {
  return id?.replaceAll("-", "");
}
