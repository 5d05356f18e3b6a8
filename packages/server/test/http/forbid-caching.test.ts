import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";

describe("no answer is kept on its way", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  const operator = { authorization: "Bearer sandbox-operator-key" };
  const client = { authorization: `Basic ${btoa("sandbox-solaris:sandbox-solaris-secret")}` };
  for (const [what, path, init, status] of [
    [
      "a Solaris token",
      "/solaris/oauth2/token",
      { method: "POST", headers: client, body: new URLSearchParams({ grant_type: "client_credentials" }) },
      200,
    ],
    ["a Solaris refusal", "/solaris/v1/cards/none/pin_update_requests", { method: "POST" }, 401],
    ["what the issuer API tells", "/issuer/v1/keys", { headers: operator }, 200],
    ["what the issuer API refuses", "/issuer/v1/keys", {}, 401],
    ["a sandbox card", "/sandbox", {}, 200],
    ["the sandbox's messages", "/sandbox/messages", {}, 200],
    ["the sandbox's transfers", "/sandbox/transfers", {}, 200],
  ] as [string, string, RequestInit, number][])
    it(`of ${what}`, async () => {
      const response = await fetch(`${issuer.url}${path}`, init);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("cache-control"), "no-store");
    });
});
