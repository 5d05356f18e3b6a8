import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";

const expected = {
  "content-security-policy": "default-src 'none';frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-download-options": "noopen",
  "x-frame-options": "SAMEORIGIN",
  "x-permitted-cross-domain-policies": "none",
  "x-xss-protection": "0",
};

describe("the headers for browsers", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  const operator = { authorization: "Bearer sandbox-operator-key" };
  for (const [what, path, init, status] of [
    ["a success", "/issuer/v1/keys", { headers: operator }, 200],
    ["a refusal", "/issuer/v1/keys", {}, 401],
    ["a route that does not exist", "/nothing", {}, 404],
    ["the sandbox's events, which are written past the framework", "/sandbox/events", {}, 200],
    ["the sandbox's relay, likewise", "/sandbox/relay/honest/nothing", {}, 404],
  ] as [string, string, RequestInit, number][])
    it(`come with ${what}`, async () => {
      const stopping = new AbortController();
      const response = await fetch(`${issuer.url}${path}`, { ...init, signal: stopping.signal });
      assert.equal(response.status, status);
      for (const [name, value] of Object.entries(expected)) assert.equal(response.headers.get(name), value, name);
      stopping.abort();
    });
});
