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

  const tokenOf = (clientId: string) =>
    call("POST", `${issuer.url}/solaris/oauth2/token`, {
      headers: {
        authorization: `Basic ${btoa(`${clientId}:sandbox-solaris-secret`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });

  it("is a client's where tokens are issued: who has no credentials keeps nobody from theirs", async () => {
    for (let count = 0; count < 3 * requestsPerMinute; count++) await tokenOf(`nobody-${count % 2}`);
    assert.equal((await tokenOf("nobody-0")).status, 429);
    assert.equal((await tokenOf("sandbox-solaris")).status, 200);
    const form = (clientId: string) =>
      call("POST", `${issuer.url}/venly/auth/realms/Arkane/protocol/openid-connect/token`, {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `grant_type=client_credentials&client_id=${clientId}&client_secret=sandbox-venly-secret`,
      });
    for (let count = 0; count < 2 * requestsPerMinute; count++) await form("nobody");
    assert.equal((await form("nobody")).status, 429);
    assert.equal((await form("sandbox-venly")).status, 200);
  });

  it("is none on probes and scrapes", async () => {
    for (let count = 0; count < 3 * requestsPerMinute; count++)
      for (const path of ["/health/live", "/health/ready", "/metrics"])
        assert.equal((await call("GET", `${issuer.url}${path}`)).status, 200, path);
  });
});

describe("the limit on requests of nobody, behind a proxy", () => {
  /** The statuses of requests that name each of two addresses in turn. */
  const statusesBehind = async (trustedProxies: string) => {
    const issuer = await startSandboxIssuer({
      environment: {
        LINCHPIN_REQUESTS_PER_MINUTE: String(requestsPerMinute),
        ...(trustedProxies === "" ? {} : { LINCHPIN_TRUSTED_PROXIES: trustedProxies }),
      },
    });
    const ask = async (address: string) => {
      const headers = { "x-forwarded-for": address };
      return (await call("GET", `${issuer.url}/venly/api/security`, { headers })).status;
    };
    try {
      for (let count = 0; count < requestsPerMinute; count++) assert.equal(await ask("192.0.2.1"), 200);
      return [await ask("192.0.2.1"), await ask("192.0.2.2"), await ask("198.51.100.7, 192.0.2.1")];
    } finally {
      await issuer.stop();
    }
  };

  it("is each address's that a trusted proxy names, by the last that it does not trust", async () => {
    assert.deepEqual(await statusesBehind("127.0.0.0/8, ::1"), [429, 200, 429]);
  });

  it("is the connection's where the proxy is not trusted", async () => {
    assert.deepEqual(await statusesBehind(""), [429, 429, 429]);
    assert.deepEqual(await statusesBehind("10.0.0.5"), [429, 429, 429]);
  });
});
