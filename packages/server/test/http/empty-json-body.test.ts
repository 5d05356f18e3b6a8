import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";

// axios, Retrofit and others set `content-type: application/json` on every request, with or without a body.
describe("an empty body that is said to be JSON", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  const json = { "content-type": "application/json" };

  it("is no body, on every route that takes none", async () => {
    const { issuer: operator, adyen, plumery } = holder.sandbox;
    const headersOf = (path: string) => ({
      "x-api-key": adyen.apiKey,
      authorization: `Bearer ${path.startsWith("/solaris") ? holder.token : path.startsWith("/plumery") ? plumery.bearerToken : operator.apiKey}`,
    });
    const { paths } = (await call("GET", `${issuer.url}/openapi.json`)).body;
    const compared: string[] = [];
    const refused: string[] = [];
    delete paths["/sandbox/reset"]; // it would end the tokens of this test
    for (const [path, operations] of Object.entries<Record<string, { security?: object[] }>>(paths))
      for (const method of ["post", "put", "patch", "delete"].filter((each) => each in operations)) {
        const url = `${issuer.url}${path.replaceAll(/\{\w+\}/g, "abc")}`;
        const headers = headersOf(path);
        const without = await call(method.toUpperCase(), url, { headers });
        const withIt = await call(method.toUpperCase(), url, { headers: { ...headers, ...json } });
        compared.push(path);
        // Where a body is needed, both are refused: one has no members, the other is no JSON.
        if (withIt.status !== without.status && ![400, 422].includes(without.status))
          refused.push(`${method} ${path}: ${without.status} became ${withIt.status}`);
      }
    assert.ok(compared.length > 40);
    assert.deepEqual(refused, []);
  });

  it("lets a DELETE and a POST through", async () => {
    const device = await holder.bindDevice();
    const { baseUrl } = holder.sandbox.solaris;
    const options = { bearer: holder.token, headers: json };
    assert.equal((await call("DELETE", `${baseUrl}/v1/mfa/devices/${device.deviceId}`, options)).status, 204);
    assert.equal((await call("POST", `${issuer.url}/sandbox/cards`, { headers: json })).status, 201);
  });

  it("is still no JSON where a body is needed", async () => {
    const url = `${holder.sandbox.solaris.baseUrl}/v1/mfa/devices`;
    const { status, body } = await call("POST", url, { bearer: holder.token, headers: json });
    assert.deepEqual([status, body.errors[0].code], [400, "invalid_json"]);
  });
});
