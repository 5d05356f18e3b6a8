import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { jwkThumbprint, type P256Jwk, p256JwkFromPoint } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { acceptManifest } from "@linchpin/protocols/issuer-keys/device";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";

suite("GET /issuer-keys", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  const asOperator = async (method: string, path: string) => {
    const { issuer: api } = await (await fetch(`${issuer.url}/sandbox`)).json();
    const headers = { authorization: `Bearer ${api.apiKey}` };
    const answer = await fetch(`${api.baseUrl}${path}`, { method, headers });
    return answer.json();
  };
  const fetchManifest = async () => {
    const [root] = (await asOperator("GET", "/keys")).filter(
      ({ purpose, state }: Record<string, string>) => purpose === "native-root" && state === "current",
    );
    const jwk: P256Jwk = p256JwkFromPoint(Buffer.from(root.publicKey, "base64").subarray(-65));
    const compact = await (await fetch(`${issuer.url}/issuer-keys`)).text();
    return acceptManifest(nodeCryptoPrimitives, compact, { issuer: issuer.url, roots: [jwk], lowestSeq: 0 });
  };

  test("is for everyone, a JWS and nothing around it, and may be cached for a minute", async () => {
    const answer = await fetch(`${issuer.url}/issuer-keys`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type") ?? "", /^application\/jwk-set\+jwt/);
    assert.equal(answer.headers.get("cache-control"), "public, max-age=60");
    assert.match(await answer.text(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test("lists what the protocols hand out", async () => {
    const { keys } = await fetchManifest();
    const { solaris } = await (await fetch(`${issuer.url}/sandbox`)).json();
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: solaris.clientId,
      client_secret: solaris.clientSecret,
    });
    const token = await (await fetch(`${solaris.baseUrl}/oauth2/token`, { method: "POST", body })).json();
    const latest = await fetch(`${solaris.baseUrl}/v1/cards/pin_keys/latest`, {
      headers: { authorization: `Bearer ${token.access_token}` },
    });
    const jwk = await latest.json();
    const listed = keys.find(({ purpose }) => purpose === "solaris-pin");
    assert.ok(listed?.kty === "RSA");
    assert.deepEqual([listed.kid, listed.n, listed.e, listed.alg], [jwk.kid, jwk.n, jwk.e, "RSA-OAEP-256"]);
    assert.equal(
      await jwkThumbprint(nodeCryptoPrimitives, listed),
      await jwkThumbprint(nodeCryptoPrimitives, { kty: "RSA", n: jwk.n, e: jwk.e }),
    );
  });

  test("is there again as soon as a sandbox was reset", async () => {
    assert.equal((await fetch(`${issuer.url}/sandbox/reset`, { method: "POST" })).ok, true);
    assert.ok((await fetchManifest()).keys.length > 0);
  });

  test("follows a rotation and a retirement by the issuer API before these answer", async () => {
    const before = await fetchManifest();
    const rotated = await asOperator("POST", "/keys/solaris-pin/rotate");
    const after = await fetchManifest();
    assert.ok(after.seq > before.seq);
    assert.ok(after.keys.some(({ kid }) => kid === rotated.id));
    const former = before.keys.find(({ purpose }) => purpose === "solaris-pin")?.kid ?? assert.fail();
    const { issuer: api } = await (await fetch(`${issuer.url}/sandbox`)).json();
    const retired = await fetch(`${api.baseUrl}/keys/${former}/retire`, {
      method: "POST",
      headers: { authorization: `Bearer ${api.apiKey}` },
    });
    assert.equal(retired.status, 204);
    assert.ok(!(await fetchManifest()).keys.some(({ kid }) => kid === former));
  });
});
