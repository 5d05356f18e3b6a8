import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { VenlyPartner } from "@linchpin/testing/venly";

// React Native's `fetch` (whatwg-fetch) adds `_=<ms>` to every GET with `cache: "no-store"`.
describe("a query parameter that is not documented", () => {
  let issuer: SandboxIssuer;
  let paths: string[];
  let credentials: Readonly<Record<string, Record<string, string>>>;

  before(async () => {
    issuer = await startSandboxIssuer();
    const { sandbox, token } = await SolarisCardholder.create(issuer.url);
    const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
    credentials = {
      "/solaris": bearer(token),
      "/adyen": { "x-api-key": sandbox.adyen.apiKey },
      "/venly": bearer((await VenlyPartner.create(issuer.url)).token),
      "/plumery": bearer(sandbox.plumery.bearerToken),
      "/issuer/v1": bearer(sandbox.issuer.apiKey),
    };
    const described: Record<string, { get?: object }> = (await call("GET", `${issuer.url}/openapi.json`)).body.paths;
    paths = Object.entries(described).flatMap(([path, { get }]) => (get === undefined ? [] : [path]));
  });
  after(() => issuer.stop());

  const get = (path: string, query: string) => {
    const [, headers = {}] = Object.entries(credentials).find(([prefix]) => path.startsWith(`${prefix}/`)) ?? [];
    return call("GET", `${issuer.url}${path.replaceAll(/\{\w+\}/g, "abc")}${query}`, { headers });
  };

  it("changes no answer where a phone's fetch adds it", async () => {
    const refused: string[] = [];
    for (const path of paths.filter((each) => each !== "/sandbox/events")) {
      const [without, withIt] = [await get(path, ""), await get(path, `?_=${Date.now()}`)];
      if (withIt.status !== without.status) refused.push(`${path}: ${without.status} became ${withIt.status}`);
    }
    assert.deepEqual(refused, []);
    for (const prefix of Object.keys(credentials)) assert.ok(paths.some((path) => path.startsWith(`${prefix}/`)));
    for (const path of ["/adyen/bcl/v2/publicKey", "/venly/api/users", "/solaris/v1/mfa/devices"])
      assert.equal((await get(path, "?_=1")).status, 200, path);
  });

  it("is ignored where the vendor ignores it", async () => {
    for (const path of ["/adyen/bcl/v2/publicKey", "/venly/api/users", "/solaris/v1/mfa/devices"])
      assert.equal((await get(path, "?utm_source=app")).status, 200, path);
  });

  it("is refused by the issuer API, whose filters may be misspelt", async () => {
    for (const path of ["/issuer/v1/audit-events?shard=0&", "/issuer/v1/audit-checkpoints?"]) {
      assert.equal((await get(path, "_=1")).status, 200, path);
      assert.equal((await get(path, "aftersequence=7")).status, 400, path);
    }
  });
});
