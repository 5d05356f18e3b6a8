import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";

describe("what the sandbox answers about its persons", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  it("is of a person of POST /sandbox/cards what that answered, and of its own what GET /sandbox answers", async () => {
    const { body: fresh } = await call("POST", `${issuer.url}/sandbox/cards`);
    const { body: own } = await call("GET", `${issuer.url}/sandbox`);
    for (const description of [fresh, own]) {
      const { status, body } = await call("GET", `${issuer.url}/sandbox/persons/${description.solaris.personId}`);
      assert.equal(status, 200);
      assert.deepEqual(body, description);
    }
  });

  it("is nothing of a person whom it does not have", async () => {
    const { status, body } = await call("GET", `${issuer.url}/sandbox/persons/nobody`);
    assert.deepEqual([status, body.code], [404, "person_unknown"]);
  });
});
