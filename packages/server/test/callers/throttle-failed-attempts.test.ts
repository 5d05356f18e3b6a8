import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";

const wrongPerMinute = 3;

describe("a caller who tries few PINs on each of many cards", () => {
  let now = new Date("2026-11-22T12:00:10Z");
  let issuer: SandboxIssuer;
  let holders: readonly SolarisCardholder[];

  before(async () => {
    const environment = { LINCHPIN_WRONG_SECRETS_PER_MINUTE: String(wrongPerMinute) };
    issuer = await startSandboxIssuer({ environment, clock: () => now });
    holders = await Promise.all(Array.from({ length: wrongPerMinute + 1 }, () => SolarisCardholder.create(issuer.url)));
    for (const holder of holders) assert.equal((await holder.changePin("1928", await holder.bindDevice())).status, 204);
  });
  after(() => issuer.stop());

  const cardOf = (index: number) => holders[index] as SolarisCardholder;
  const metrics = async () => String((await call("GET", `${issuer.url}/metrics`)).body);
  const slowed = async () => {
    const shards = Array.from({ length: 16 }, (_, shard) => `/audit-events?shard=${shard}&limit=1000`);
    const pages = await Promise.all(shards.map((path) => cardOf(0).operator("GET", path)));
    return pages.flatMap(({ body }) => body).filter(({ code }) => code === "rate_limited");
  };

  it("has to wait after so many wrong ones, even with a right one", async () => {
    for (let index = 0; index < wrongPerMinute; index++)
      assert.deepEqual((await cardOf(index).verify("2846")).body, { result: "mismatch", remainingAttempts: 2 });
    for (const digits of ["2846", "1928"]) {
      const { status, body } = await cardOf(wrongPerMinute).verify(digits);
      assert.deepEqual([status, body.code], [429, "rate_limited"]);
    }
    assert.equal((await cardOf(wrongPerMinute).card()).pin.remainingAttempts, 3);
  });

  it("shows in the audit, once, and in the metrics, by code and caller", async () => {
    const [event, ...more] = await slowed();
    assert.deepEqual(more, []);
    assert.equal(event.operation, "POST /issuer/v1/cards/:id/pin/verify");
    assert.equal(event.caller.kind, "operator");
    const text = await metrics();
    for (const [code, count] of [
      ["mismatch", wrongPerMinute],
      ["rate_limited", 2],
    ])
      assert.match(
        text,
        new RegExp(
          `^linchpin_refusals_total\\{route="[^"]*/pin/verify",code="${code}",caller="operator [^"]+"\\} ${count}$`,
          "m",
        ),
      );
  });

  it("is an event for the operator's systems, once", async () => {
    const { body } = await call("GET", `${issuer.url}/sandbox/outbox-events`);
    const [event, ...more] = body.filter(({ type }: { type: string }) => type === "caller.throttled");
    assert.deepEqual(more, []);
    const { operation, caller, occurredAt } = event;
    assert.deepEqual([operation, occurredAt], ["POST /issuer/v1/cards/:id/pin/verify", now.toISOString()]);
    assert.match(caller, /^operator /);
  });

  it("may go on with all else, and other callers with that too", async () => {
    assert.equal((await cardOf(0).operator("GET", "/keys")).status, 200);
    const { body: another } = await cardOf(0).operator("POST", "/operators", { name: "another" });
    const url = `${issuer.url}/issuer/v1/cards/${cardOf(0).sandbox.issuer.cardId}/pin/verify`;
    const answer = await call("POST", url, { bearer: another.apiKey, body: await cardOf(0).seal("1928") });
    assert.deepEqual([answer.status, answer.body.result], [200, "match"]);
  });

  it("may try again in the next minute", async () => {
    now = new Date("2026-11-22T12:01:00Z");
    assert.equal((await cardOf(wrongPerMinute).verify("1928")).body.result, "match");
    assert.equal((await slowed()).length, 1);
  });
});
