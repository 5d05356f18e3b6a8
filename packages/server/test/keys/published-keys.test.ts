import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { keyPurposesOf } from "../../src/keys/key-purposes.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";

const settings = (environment: Record<string, string> = {}) =>
  readSettings({ LINCHPIN_MODE: "sandbox", ...environment });
const refusedFor = (about: RegExp) => (error: unknown) =>
  error instanceof LinchpinError && error.code === "settings_invalid" && about.test(error.reason ?? "");

describe("LINCHPIN_KEY_ROTATION", () => {
  it("says which keys rotate by themselves, and how often", () => {
    const purposes = keyPurposesOf(protocolTable, settings({ LINCHPIN_KEY_ROTATION: "solaris-pin=90d, card-pin=12h" }));
    assert.equal(purposes["solaris-pin"]?.rotateEveryMs, 90 * 86_400_000);
    assert.equal(purposes["card-pin"]?.rotateEveryMs, 12 * 3_600_000);
    assert.equal(purposes["secret"]?.rotateEveryMs, undefined);
  });

  for (const text of [
    "solaris-pin",
    "solaris-pin=90",
    "solaris-pin=0d",
    "solaris-pin=1w",
    "=90d",
    "a=1d;b=2d",
    ",",
    "solaris-pin=-1d",
  ])
    it(`refuses ${text}`, () => {
      assert.throws(() => settings({ LINCHPIN_KEY_ROTATION: text }), refusedFor(/LINCHPIN_KEY_ROTATION/));
    });

  it("refuses a purpose that there is none of, and names those there are", () => {
    const misspelt = settings({ LINCHPIN_KEY_ROTATION: "solaris-pni=90d" });
    assert.throws(() => keyPurposesOf(protocolTable, misspelt), refusedFor(/names solaris-pni.*card-pin.*solaris-pin/));
  });
});

describe("Adyen's keys", () => {
  for (const [wrap, algorithm, suffix] of [
    ["pkcs1", "RSA-PKCS1", ""],
    ["oaep", "RSA-OAEP-256", "-oaep"],
  ] as const)
    it(`are those of ${wrap} alone where that is set`, () => {
      const purposes = keyPurposesOf(protocolTable, settings({ LINCHPIN_ADYEN_KEY_WRAP: wrap }));
      const adyen = Object.entries(purposes).filter(([name]) => name.startsWith("adyen-"));
      assert.deepEqual(
        adyen.map(([name, purpose]) => [name, purpose.algorithm]),
        ["adyen-pin-change", "adyen-pin-reveal", "adyen-pan-reveal"].map((name) => [name + suffix, algorithm]),
      );
    });
});

describe("what is published of keys", () => {
  let issuer: SandboxIssuer;
  let sandbox: { issuer: { baseUrl: string; apiKey: string } };
  before(async () => {
    issuer = await startSandboxIssuer();
    sandbox = (await call("GET", `${issuer.url}/sandbox`)).body;
  });
  after(() => issuer.stop());

  const operator = (method: string, path: string) =>
    call(method, `${sandbox.issuer.baseUrl}${path}`, { bearer: sandbox.issuer.apiKey });

  it("may be kept for less than a key's overlap, or not at all where a new one is used at once", async () => {
    const kept = async (path: string) => (await fetch(`${issuer.url}/venly${path}`)).headers.get("cache-control");
    assert.equal(await kept("/api/security"), "public, max-age=300");
    assert.equal(await kept("/api/assertion-keys"), "no-cache");
  });

  it("is no pending key to seal to, but a pending key to verify by", async () => {
    for (const purpose of ["venly", "venly-assertion"]) await operator("POST", `/keys/${purpose}/make`);
    const { body: security } = await call("GET", `${issuer.url}/venly/api/security`);
    assert.equal(security.result.encryptionKeys.length, 1);
    const { body: assertion } = await call("GET", `${issuer.url}/venly/api/assertion-keys`);
    assert.equal(assertion.keys.length, 2);
  });

  it("is a key's end as it is: of a retired one nothing more", async () => {
    const first = (await call("GET", `${issuer.url}/venly/api/security`)).body.result.encryptionKeys[0].id;
    assert.equal((await operator("POST", "/keys/venly/rotate")).status, 201);
    const idsOf = async () =>
      (await call("GET", `${issuer.url}/venly/api/security`)).body.result.encryptionKeys.map(
        ({ id }: { id: string }) => id,
      );
    assert.deepEqual((await idsOf()).indexOf(first), 1);
    assert.equal((await operator("POST", `/keys/${first}/retire`)).status, 204);
    assert.ok(!(await idsOf()).includes(first));
  });
});
