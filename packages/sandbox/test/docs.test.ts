import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";

describe("/docs", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  it("comes under a policy that lets nothing in but its own files", async () => {
    const answer = await fetch(`${issuer.url}/docs`);
    assert.equal(answer.status, 200);
    const policy = answer.headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"])
      assert.ok(policy.includes(part), part);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    for (const [, file] of (await answer.text()).matchAll(/(?:src|href)="([^"]+)"/g))
      assert.equal((await fetch(`${issuer.url}${file}`)).status, 200, file);
  });
});
