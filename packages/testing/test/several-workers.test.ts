import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { readSettings, serve } from "@linchpin/server";
import { sharedKeyPairs } from "@linchpin/test-fixtures/issuer/shared-key-pairs";
import { call } from "@linchpin/testing/call";
import pino from "pino";

describe("the control of a sandbox that is one of several workers", () => {
  it("is refused where it would be this worker's alone; cards and messages are all workers'", async () => {
    const settings = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_PORT: "0", LINCHPIN_DATA: "memory:" });
    const sandbox = makeSandboxFactory({ isOneOfSeveral: true, keyPairs: sharedKeyPairs() });
    const server = await serve(settings, { sandbox, log: pino({ level: "silent" }) });
    try {
      const ask = (method: string, path: string, body?: unknown) =>
        call(method, `${server.url}/sandbox${path}`, { body });
      for (const [method, path, body] of [
        ["GET", "/clock"],
        ["POST", "/clock", { advance: "6m" }],
        ["POST", "/faults", { protocol: "adyen", status: 503 }],
        ["DELETE", "/faults"],
        ["GET", "/requests"],
        ["POST", "/reset"],
      ] as const) {
        const answer = await ask(method, path, body);
        assert.deepEqual([answer.status, answer.body.code], [409, "conflict"], `${method} ${path}`);
      }
      assert.equal((await ask("POST", "/cards")).status, 201);
      assert.equal((await ask("GET", "/messages")).status, 200);
      assert.equal((await ask("GET", "/outbox-events")).status, 200);
    } finally {
      await server.close();
    }
  });
});
