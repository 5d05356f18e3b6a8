import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { until } from "@linchpin/test-fixtures/system/until";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import pino from "pino";

interface LogLine {
  readonly msg: string;
  readonly requestId?: string;
  readonly caller?: string;
  readonly cardId?: string;
  readonly route?: string;
}

describe("a request's id", { timeout: 60_000 }, () => {
  const lines: LogLine[] = [];
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let cardId: string;

  before(async () => {
    issuer = await startSandboxIssuer({
      log: pino({ level: "info" }, { write: (line) => lines.push(JSON.parse(line)) }),
    });
    holder = await SolarisCardholder.create(issuer.url);
    cardId = holder.sandbox.issuer.cardId;
  });
  after(() => issuer.stop());

  const accessLineOf = async (requestId: string | null): Promise<LogLine> => {
    const find = () => lines.find((line) => line.requestId === requestId && line.msg === "answered");
    await until(() => find() !== undefined);
    return find() ?? assert.fail();
  };

  it("is the same in the answer, the access log with caller and card, and the audit event", async () => {
    const changed = await holder.changePin("1928", await holder.bindDevice());
    assert.equal(changed.status, 204);
    const requestId = changed.headers.get("x-request-id");
    assert.match(requestId ?? "", /^[0-9a-f-]{36}$/);
    const event = (await holder.auditEvents()).at(-1);
    assert.equal(event.operation, "solaris.pin_update_requests");
    assert.equal(event.requestId, requestId);
    assert.equal(Object.keys(JSON.parse(event.content)).at(-1), "requestId");
    const line = await accessLineOf(requestId);
    assert.equal(line.cardId, cardId);
    assert.match(line.caller ?? "", /^partner /);
  });

  it("is in the audit event of a refusal too, and in the log line that says why", async () => {
    await holder.operator("PATCH", `/cards/${cardId}`, { state: "blocked" });
    const refused = await holder.requestChange("2846");
    const requestId = refused.headers.get("x-request-id");
    assert.equal((await holder.auditEvents()).at(-1).requestId, requestId);
    assert.ok(lines.some((line) => line.msg === "refused" && line.requestId === requestId));
    const reactivated = await holder.operator("PATCH", `/cards/${cardId}`, { state: "active" });
    const line = await accessLineOf(reactivated.headers.get("x-request-id"));
    assert.equal(line.cardId, cardId);
    assert.match(line.caller ?? "", /^operator /);
  });

  for (const [what, path] of [
    ["an unknown route", "/nothing"],
    ["an unknown route of a protocol", "/solaris/nothing"],
    ["a caller without credentials", "/issuer/v1/cards/none"],
    ["a path that is no path", "/%"],
    ["health", "/health/ready"],
    ["metrics", "/metrics"],
  ] as const)
    it(`is in the answer to ${what}, and never the one that the caller sent`, async () => {
      const sent = randomUUID();
      const { headers } = await call("GET", `${issuer.url}${path}`, { headers: { "x-request-id": sent } });
      assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
      assert.notEqual(headers.get("x-request-id"), sent);
    });

  it("is another one in each of many requests at once, in their audit events too", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => holder.operator("POST", `/cards/${cardId}/pin/generate`)),
    );
    const ids = answers.filter(({ status }) => status === 200).map(({ headers }) => headers.get("x-request-id"));
    const events = (await holder.auditEvents()).filter(
      ({ operation, outcome }) => operation === "issuer.pin.generate" && outcome === "done",
    );
    assert.deepEqual(events.map(({ requestId }) => requestId).toSorted(), ids.toSorted());
  });

  it("is absent from what the issuer does by itself", async () => {
    const made = (await holder.operator("GET", "/audit-events?shard=0&limit=1000")).body;
    for (let shard = 1; shard < 16; shard++)
      made.push(...(await holder.operator("GET", `/audit-events?shard=${shard}&limit=1000`)).body);
    const byItself = made.filter(({ operation }: { operation: string }) => operation.startsWith("issuer.key."));
    assert.ok(byItself.length > 0);
    for (const event of byItself) assert.ok(!("requestId" in event));
  });
});

describe("a text that a caller sent", { timeout: 60_000 }, () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
  });
  after(() => issuer.stop());

  it("is in no audit event where it is no name of the issuer, nor its plain hash", async () => {
    const pin = "739182640517"; // as long as none of the digests has by chance
    const { createHash } = await import("node:crypto");
    const requested = await holder.requestChange("2846");
    const { baseUrl } = holder.sandbox.solaris;
    const bearer = await tokenOf(holder);
    const confirm = `${baseUrl}/v1/change_requests/${requested.body.id}`;
    await call("POST", `${confirm}/authorize`, { bearer, body: { delivery_method: "device_signing", device_id: pin } });
    await call("POST", `${confirm}/confirm`, { bearer, body: { device_id: pin, signature: "00", device_data: pin } });
    await holder.operator("DELETE", `/operators/${pin}`);
    assert.equal((await holder.operator("POST", "/operators", { name: pin })).status, 400);
    await holder.operator("POST", `/cards/${holder.sandbox.issuer.cardId}/names`, { protocol: "adyen", name: pin });
    const events = await holder.auditEvents();
    for (let shard = 0; shard < 16; shard++)
      events.push(...(await holder.operator("GET", `/audit-events?shard=${shard}&limit=1000`)).body);
    const operations = new Set(events.map(({ operation }) => operation));
    for (const operation of ["authorize", "confirm"])
      assert.ok(operations.has(`solaris.change_requests.${operation}`), operation);
    for (const operation of ["issuer.operator.delete", "issuer.card.name"])
      assert.ok(operations.has(operation), operation);
    const text = JSON.stringify(events);
    assert.ok(!text.includes(pin));
    assert.ok(!text.includes(createHash("sha256").update(pin).digest("hex")));
    const digests = events.flatMap(({ deviceDataHmac }) => deviceDataHmac?.hmacSha256 ?? []);
    assert.match(digests[0], /^[0-9a-f]{64}$/);
  });

  async function tokenOf({ sandbox: { solaris } }: SolarisCardholder): Promise<string> {
    const basic = Buffer.from(`${solaris.clientId}:${solaris.clientSecret}`).toString("base64");
    const answer = await fetch(`${solaris.baseUrl}/oauth2/token`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials",
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  }
});
