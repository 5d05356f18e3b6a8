import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";

const requestsPerMinute = 5;

describe("the limit on requests", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer({ environment: { LINCHPIN_REQUESTS_PER_MINUTE: String(requestsPerMinute) } });
  });
  after(() => issuer.stop());

  it("is the caller's, whatever else the request carries", async () => {
    const url = `${issuer.url}/adyen/bcl/v2/publicKey`;
    const statuses: number[] = [];
    for (let count = 0; count < 2 * requestsPerMinute; count++) {
      const headers = { "x-api-key": "sandbox-adyen-key", authorization: `ignored ${count}` };
      statuses.push((await call("GET", url, { headers })).status);
    }
    assert.deepEqual(statuses, [...Array(requestsPerMinute).fill(200), ...Array(requestsPerMinute).fill(429)]);
  });

  it("is no other caller's", async () => {
    const operator = await call("GET", `${issuer.url}/issuer/v1/keys`, { bearer: "sandbox-operator-key" });
    assert.equal(operator.status, 200);
  });
});
