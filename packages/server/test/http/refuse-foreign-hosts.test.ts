import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { sendRaw } from "@linchpin/test-fixtures/system/raw-http";

/** Routes of every kind: the page, what the sandbox tells, its event stream, the APIs, and what is not there. */
const requests = [
  "GET /",
  "GET /sandbox/page.js",
  "GET /sandbox",
  "GET /sandbox/messages",
  "GET /sandbox/events",
  "GET /sandbox/cardholder",
  "POST /sandbox/cards",
  "GET /sandbox/requests",
  "POST /sandbox/clock",
  "POST /sandbox/faults",
  "POST /sandbox/reset",
  "GET /solaris/v1/cards/pin_keys/latest",
  "POST /solaris/oauth2/token",
  "POST /adyen/bcl/v2/pins/reveal",
  "POST /venly/api/transactions/execute",
  "GET /plumery/internal/v1/cards/card/pin",
  "GET /issuer/v1/keys",
  "GET /health/live",
  "GET /metrics",
  "GET /openapi.json",
  "GET /nowhere",
];

describe("a sandbox", () => {
  let issuer: SandboxIssuer;
  let port: number;
  before(async () => {
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_SANDBOX_HOSTS: "issuer.test,10.0.2.2" } });
    port = Number(new URL(issuer.url).port);
  });
  after(() => issuer.stop());

  const ask = (request: string, headers: string) =>
    sendRaw(port, [`${request} HTTP/1.1\r\n${headers}content-length: 0\r\nconnection: close\r\n\r\n`]);
  const own = () => `host: 127.0.0.1:${port}\r\n`;

  for (const request of requests) {
    it(`refuses ${request} under another name`, async () => {
      const { status, text } = await ask(request, `host: rebound.example:${port}\r\n`);
      assert.equal(status, 403);
      assert.match(text, /LINCHPIN_SANDBOX_HOSTS/);
    });

    it(`refuses ${request} to a page of another site`, async () => {
      assert.equal((await ask(request, `${own()}origin: https://site.example\r\n`)).status, 403);
    });
  }

  for (const host of [
    "localhost.rebound.example",
    "127.0.0.1.rebound.example",
    "rebound.example@127.0.0.1",
    "localhost.",
    "192.168.0.7",
    "issuer.test.rebound.example",
    "",
  ])
    it(`refuses the host ${JSON.stringify(host)}`, async () => {
      assert.equal((await ask("GET /sandbox/messages", `host: ${host}\r\n`)).status, 403);
    });

  for (const origin of ["null", "https://localhost.rebound.example", "http://192.168.0.7:8420", "localhost", ""])
    it(`refuses the origin ${JSON.stringify(origin)}`, async () => {
      assert.equal((await ask("GET /sandbox/messages", `${own()}origin: ${origin}\r\n`)).status, 403);
    });

  it("takes no name from X-Forwarded-Host", async () => {
    const headers = "host: rebound.example\r\nx-forwarded-host: localhost\r\n";
    assert.equal((await ask("GET /sandbox/messages", headers)).status, 403);
  });

  for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.7", "[::1]", "issuer.test", "10.0.2.2"])
    it(`answers to ${host}, with a port and without, and to pages from there`, async () => {
      for (const headers of [`host: ${host}\r\n`, `host: ${host}:8420\r\n`, `${own()}origin: http://${host}:5173\r\n`])
        assert.equal((await ask("GET /sandbox/messages", headers)).status, 200);
    });
});
