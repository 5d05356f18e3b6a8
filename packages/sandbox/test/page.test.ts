import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { SandboxEvent } from "@linchpin/page";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";

const keyPath = "/sandbox/relay/honest/solaris/v1/cards/pin_keys/latest";

describe("the sandbox's page", () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  it("comes under a policy that lets nothing in but its own files", async () => {
    const { status, headers, body } = await call("GET", `${issuer.url}/`);
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /^text\/html/);
    const policy = headers.get("content-security-policy") ?? "";
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
      assert.ok(policy.includes(part), part);
    assert.doesNotMatch(policy, /unsafe|data:|\*/);
    for (const [, file] of String(body).matchAll(/(?:src|href)="([^"]+)"/g))
      assert.equal((await fetch(`${issuer.url}${file}`)).status, 200, file);
  });

  it("receives no credential of the partner's, by its cardholder, its script or the events", async () => {
    const events = await eventsDuring(issuer.url, () => call("GET", issuer.url + keyPath));
    const { body: cardholder } = await call("GET", `${issuer.url}/sandbox/cardholder`);
    const script = await (await fetch(`${issuer.url}/sandbox/page.js`)).text();
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    const secrets = [
      sandbox.solaris.clientSecret,
      sandbox.adyen.apiKey,
      sandbox.venly.clientSecret,
      sandbox.plumery.bearerToken,
    ];
    for (const text of [JSON.stringify(cardholder), script, JSON.stringify(events)])
      for (const secret of secrets) assert.ok(!text.includes(secret));
    const relayed = events.find(({ kind }) => kind === "relayed");
    assert.deepEqual(relayed?.kind === "relayed" && relayed.headers["authorization"], "••••");
  });

  it("hears of a message from hop to hop, in the order in which it travels", async () => {
    const { body: cardholder } = await call("POST", `${issuer.url}/sandbox/cardholder`);
    const path = `/sandbox/relay/honest/plumery/internal/v1/cards/${cardholder.names.plumery}/pin`;
    const events = await eventsDuring(issuer.url, () =>
      call("GET", issuer.url + path, { headers: { "x-client-public-key": "no key" } }),
    );
    assert.deepEqual(
      events.map((event) => (event.kind === "step" ? `${event.step} ${event.refusal}` : event.kind)),
      ["relayed", "request", "card null", "cardState pin_not_set", "answer", "returned"],
    );
  });

  it("hears how the phone's tasks ended, by codes alone", async () => {
    const url = `${issuer.url}/sandbox/conclusions`;
    const statuses: number[] = [];
    const events = await eventsDuring(issuer.url, async () => {
      for (const body of [{ code: null }, { code: "session_refused" }, { code: "9073" }, { code: "<b>" }, {}])
        statuses.push((await call("POST", url, { body: JSON.stringify(body) })).status);
    });
    assert.deepEqual(statuses, [204, 204, 400, 400, 400]);
    assert.deepEqual(events, [
      { kind: "conclusion", code: null },
      { kind: "conclusion", code: "session_refused" },
    ]);
  });

  it("gets the issuer's roots from its own origin, as the description has them", async () => {
    const { body: pins } = await call("GET", `${issuer.url}/sandbox/pins`);
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    assert.deepEqual(pins, { issuer: issuer.url, roots: sandbox.native.roots });
    assert.ok(pins.roots.length > 0);
  });

  it("does not hear of itself", async () => {
    const events = await eventsDuring(issuer.url, async () => {
      await call("GET", `${issuer.url}/`);
      await call("GET", `${issuer.url}/sandbox/messages`);
      await call("GET", `${issuer.url}/issuer/v1/keys`, { bearer: "sandbox-operator-key" });
      await call("GET", `${issuer.url}/health/ready`);
    });
    assert.deepEqual(events, []);
  });

  it("has a relay that passes on what examples/relay does, and no more", async () => {
    assert.equal((await call("GET", issuer.url + keyPath)).status, 200);
    assert.equal((await call("GET", `${issuer.url}/sandbox/relay/honest/issuer/v1/keys`)).status, 404);
    assert.equal((await call("GET", `${issuer.url}/sandbox/relay/honest/solaris/v1/mfa/devices`)).status, 404);
    assert.equal(
      (await call("GET", `${issuer.url}/sandbox/relay/unheard-of/solaris/v1/cards/pin_keys/latest`)).status,
      404,
    );
    const big = { body: "9".repeat(30_000) };
    assert.equal((await call("POST", `${issuer.url}/sandbox/relay/honest/solaris/v1/mfa/devices`, big)).status, 413);
  });

  it("asks whether the audit chain holds", async () => {
    const { body } = await call("GET", `${issuer.url}/sandbox/audit-chain`);
    assert.equal(body.intact, true);
    assert.ok(body.events > 0);
  });
});

/** What the stream tells while `act` runs, and until nothing more comes. */
async function eventsDuring(origin: string, act: () => Promise<unknown>): Promise<SandboxEvent[]> {
  const draining = new AbortController();
  const { body } = await fetch(`${origin}/sandbox/events`, { signal: draining.signal });
  const events: SandboxEvent[] = [];
  const reading = (async () => {
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? [])
      for (const [, event = ""] of text.matchAll(/^data: (.*)$/gm)) events.push(JSON.parse(event));
  })().catch(() => {});
  await act();
  await new Promise((resolve) => setTimeout(resolve, 100));
  draining.abort();
  await reading;
  return events;
}
