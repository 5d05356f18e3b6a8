import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bytesFromHex } from "@linchpin/core";
import { type AuditStore, auditHash, auditShardOf, verifyAuditChain } from "@linchpin/store";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import type { Answer } from "@linchpin/testing/call";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";

describe("audit events by the issuer API", { timeout: 60_000 }, () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let cardId: string;

  before(async () => {
    issuer = await startSandboxIssuer();
    holder = await SolarisCardholder.create(issuer.url);
    cardId = holder.sandbox.issuer.cardId;
    for (let count = 0; count < 3; count++) {
      await post(`/cards/${cardId}/pin/generate`);
      await post(`/cards/${cardId}/pin/unblock`);
    }
    await holder.operator("PATCH", `/cards/${cardId}`, { state: "blocked" });
    await post("/keys/secret/rotate");
    await post("/operators", { name: "second" });
  });
  after(() => issuer.stop());

  const get = async (path: string): Promise<Answer["body"]> => (await holder.operator("GET", path)).body;
  const post = (path: string, body?: unknown) => holder.operator("POST", path, body);

  /** A verifier's view: what the API shows, and nothing else. */
  const overHttp = {
    listAuditShards: async () =>
      (await get("/audit-shards")).map(({ shard, sequence, hash }: Answer["body"]) => ({
        shard,
        sequence: BigInt(sequence),
        hash: bytesFromHex(hash),
      })),
    listShardAuditEvents: async (shard: number, page: { afterSequence: bigint; limit: number }) =>
      (await get(`/audit-events?shard=${shard}&afterSequence=${page.afterSequence}&limit=${page.limit}`)).map(
        parseEvent,
      ),
  } as unknown as AuditStore;

  const parseEvent = ({ shard, sequence, cardId, occurredAt, content, hash }: Answer["body"]) => ({
    shard,
    sequence: BigInt(sequence),
    cardId,
    occurredAt: new Date(occurredAt),
    content,
    hash: bytesFromHex(hash),
  });

  /** Page by page, as the Link header leads. */
  async function follow(path: string): Promise<{ pages: number; events: Answer["body"][] }> {
    const events: Answer["body"][] = [];
    let url: string | undefined = `${issuer.url}/issuer/v1${path}`;
    let pages = 0;
    for (; url !== undefined; pages++) {
      const page: Answer = await call("GET", url, { bearer: holder.sandbox.issuer.apiKey });
      assert.equal(page.status, 200);
      events.push(...page.body);
      url = /^<([^>]+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1];
    }
    return { pages, events };
  }

  test("of a card, oldest first: what was done, what was refused and why, by whom", async () => {
    const events = await holder.auditEvents();
    const caller = { kind: "operator", name: "sandbox" };
    assert.deepEqual(
      events.map(({ operation, outcome, code, pinVersion, state }) => [operation, outcome, code, pinVersion, state]),
      [
        ["sandbox.seed", "done", undefined, undefined, undefined], // the card
        ["sandbox.seed", "done", undefined, undefined, undefined], // its PAN and CVV2
        ["issuer.pin.generate", "done", undefined, 1, undefined],
        ["issuer.pin.unblock", "refused", "conflict", 1, undefined],
        ["issuer.pin.generate", "done", undefined, 2, undefined],
        ["issuer.pin.unblock", "refused", "conflict", 2, undefined],
        ["issuer.pin.generate", "done", undefined, 3, undefined],
        ["issuer.pin.unblock", "refused", "conflict", 3, undefined],
        ["issuer.card.set_state", "done", undefined, undefined, "blocked"],
      ],
    );
    for (const event of events.slice(2)) assert.deepEqual(event.caller, caller);
    for (const event of events) {
      assert.equal(event.cardId, cardId);
      const { shard, sequence, content, hash, ...said } = event;
      assert.deepEqual(JSON.parse(content), said);
      assert.deepEqual([typeof sequence, shard, hash.length], ["number", auditShardOf(cardId, 16), 64]);
    }
  });

  test("every chain can be computed again, up to its head", async () => {
    const heads = await get("/audit-shards");
    assert.equal(heads.length, 16);
    let count = 0;
    for (const head of heads) {
      let hash = new Uint8Array(32);
      const { events } = await follow(`/audit-events?shard=${head.shard}&limit=3`);
      for (const [index, event] of events.map(parseEvent).entries()) {
        assert.deepEqual([event.shard, event.sequence], [head.shard, BigInt(index + 1)]);
        hash = new Uint8Array(auditHash(hash, event));
        assert.deepEqual(new Uint8Array(event.hash), hash);
      }
      assert.equal(head.hash, Buffer.from(hash).toString("hex"));
      assert.equal(head.sequence, events.length);
      count += events.length;
    }
    assert.deepEqual(await verifyAuditChain(overHttp, 5), { intact: true, events: BigInt(count) });
  });

  test("a verifier finds what was altered", async () => {
    const shard = auditShardOf(cardId, 16);
    const [, second] = await get(`/audit-events?shard=${shard}`);
    const altered = {
      ...overHttp,
      listShardAuditEvents: async (...page: Parameters<AuditStore["listShardAuditEvents"]>) =>
        (await overHttp.listShardAuditEvents(...page)).map((event) =>
          event.shard === shard && event.sequence === 2n ? { ...event, content: `${second.content} ` } : event,
        ),
    } as AuditStore;
    const verification = await verifyAuditChain(altered);
    assert.equal(verification.intact, false);
    assert.deepEqual(verification.break, { shard, sequence: 2n, what: "altered" });
  });

  test("page by page is the same as at once", async () => {
    const all = await holder.auditEvents();
    const { pages, events } = await follow(`/audit-events?cardId=${cardId}&limit=3`);
    assert.deepEqual([pages, events], [3, all]);
    assert.deepEqual(await get(`/audit-events?cardId=${cardId}&skip=6`), all.slice(6));
    assert.equal((await follow(`/audit-events?cardId=${cardId}&limit=9`)).pages, 1);
  });

  test("what is touched besides cards", async () => {
    const found: string[] = [];
    for (let shard = 0; shard < 16; shard++)
      for (const event of await get(`/audit-events?shard=${shard}&limit=1000`))
        if (event.cardId === null) found.push(event.operation);
    assert.ok(found.includes("issuer.key.rotate"));
    assert.ok(found.includes("issuer.operator.make"));
  });

  test("of a card and of a shard that is not there: none", async () => {
    assert.deepEqual(await get("/audit-events?cardId=none"), []);
    assert.deepEqual(await get("/audit-events?shard=16"), []);
    assert.deepEqual(await get("/audit-events?shard=0&afterSequence=999999999"), []);
  });

  for (const query of [
    "",
    "?limit=10",
    "?cardId=card&shard=1",
    "?cardId=card&afterSequence=1",
    "?shard=1&skip=1",
    "?cardId=card&limit=0",
    "?cardId=card&limit=1001",
    "?cardId=card&skip=-1",
    "?cardId=card&cardId=other",
    "?cardId=",
    "?shard=one",
    "?cardId=card&order=newest",
  ])
    test(`refused: /audit-events${query}`, async () => {
      const { status, body } = await holder.operator("GET", `/audit-events${query}`);
      assert.deepEqual([status, body.code], [400, "request_invalid"]);
    });
});
