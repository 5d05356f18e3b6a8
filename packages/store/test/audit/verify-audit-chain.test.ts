import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { auditHash, auditShardOf, openPostgresStore, type Store, verifyAuditChain } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import fc from "fast-check";
import { now } from "../fresh-records.ts";

const postgres = await openTestPostgres();
after(() => postgres.stop());

/** All events have this subject, so all are in one shard. */
const subject = "a card";
const shard = auditShardOf(subject, 16);

test("an untouched chain is intact, whatever the size of a page", async () => {
  const { store } = await chainOf(10);
  for (const pageSize of [1, 3, 5, 10, 11, 1000]) {
    assert.deepEqual(await verifyAuditChain(store, pageSize), { intact: true, events: 10n });
  }
  await store.close();
});

test("an empty chain is intact", async () => {
  const { store } = await chainOf(0);
  assert.deepEqual(await verifyAuditChain(store), { intact: true, events: 0n });
  await store.close();
});

test("a chain is intact while it grows", async () => {
  const { store } = await chainOf(3);
  let growing = true;
  const grow = async () => {
    for (let n = 0; n < 60; n++) await append(store, `${n}`);
    growing = false;
  };
  const verify = async () => {
    while (growing) assert.equal((await verifyAuditChain(store, 2)).intact, true);
  };
  await Promise.all([grow(), verify()]);
  await store.close();
});

const event = (sequence: number) => `shard = ${shard} and sequence = ${sequence}`;
const swap = (one: number, other: number) => `
  update audit_events set sequence = -1 where ${event(one)};
  update audit_events set sequence = ${one} where ${event(other)};
  update audit_events set sequence = ${other} where ${event(-1)}`;

const tampering: [what: string, script: string, brokenAt: number, kind: string][] = [
  ["content", `update audit_events set content = '{}' where ${event(4)}`, 4, "altered"],
  ["the card", `update audit_events set card_id = 'another' where ${event(4)}`, 4, "altered"],
  ["the card, taken away", `update audit_events set card_id = null where ${event(10)}`, 10, "altered"],
  ["the time", `update audit_events set occurred_at = occurred_at + interval '1 ms' where ${event(1)}`, 1, "altered"],
  ["a hash", `update audit_events set hash = sha256(hash) where ${event(7)}`, 7, "altered"],
  ["contents exchanged", `update audit_events set content = '"8"' where ${event(5)}`, 5, "altered"],
  ["the first dropped", `delete from audit_events where ${event(1)}`, 1, "missing"],
  ["one dropped", `delete from audit_events where ${event(6)}`, 6, "missing"],
  ["the last dropped", `delete from audit_events where ${event(10)}`, 10, "missing"],
  ["all dropped", "delete from audit_events", 1, "missing"],
  [
    "one dropped, the rest renumbered",
    `delete from audit_events where ${event(6)};
     update audit_events set sequence = sequence - 1 where sequence > 6`,
    6,
    "altered",
  ],
  ["neighbours exchanged", swap(3, 4), 3, "reordered"],
  ["distant ones exchanged", swap(2, 9), 2, "reordered"],
  ["one moved to the end", `update audit_events set sequence = 11 where ${event(5)}`, 5, "reordered"],
  [
    "one appended past the head",
    `insert into audit_events select shard, 11, card_id, occurred_at, content, hash from audit_events where ${event(10)}`,
    10,
    "head_mismatch",
  ],
  ["the head's hash", `update audit_shards set hash = sha256(hash) where shard = ${shard}`, 10, "head_mismatch"],
  ["the head set back", `update audit_shards set sequence = 9 where shard = ${shard}`, 9, "head_mismatch"],
  ["the head set forth", `update audit_shards set sequence = 11 where shard = ${shard}`, 11, "missing"],
];

for (const [what, script, brokenAt, kind] of tampering) {
  test(`tampering is found: ${what}`, async () => {
    const { store, url } = await chainOf(10);
    await execute(url, script);
    for (const pageSize of [3, 1000]) {
      const verification = await verifyAuditChain(store, pageSize);
      assert.ok(!verification.intact);
      assert.deepEqual(verification.break, { shard, sequence: BigInt(brokenAt), what: kind });
    }
    await store.close();
  });
}

test("a head that was taken away is missed, the last one too", async () => {
  const { store, url } = await chainOf(1);
  for (let n = 0; (await store.listAuditShards()).at(-1)?.sequence === 0n; n++) {
    await store.appendAuditEvent({ subject: `${n}`, cardId: null, occurredAt: now, content: "{}" });
  }
  await execute(url, "delete from audit_shards where shard = 15");
  const last = await verifyAuditChain(store);
  assert.deepEqual(!last.intact && last.break, { shard: 15, sequence: 0n, what: "head_mismatch" });
  await execute(url, "delete from audit_shards where shard = 0");
  const first = await verifyAuditChain(store);
  assert.deepEqual(!first.intact && first.break, { shard: 0, sequence: 0n, what: "head_mismatch" });
  await store.close();
});

test("the database computes the same hash as the verifier, for any event", async () => {
  const { store } = await chainOf(0);
  const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
  const time = fc.date({ min: new Date("1900-01-01"), max: new Date("2200-01-01"), noInvalidDate: true });
  const entries = fc.record({ subject: text, cardId: fc.option(text), occurredAt: time, content: text });
  await fc.assert(
    fc.asyncProperty(entries, async (entry) => {
      const expectedShard = auditShardOf(entry.subject, 16);
      const before = (await store.listAuditShards())[expectedShard] ?? assert.fail();
      await store.appendAuditEvent(entry);
      const after = (await store.listAuditShards())[expectedShard];
      const { subject: _, ...kept } = entry;
      const written = { ...kept, shard: expectedShard, sequence: before.sequence + 1n };
      assert.deepEqual(after, { ...before, sequence: written.sequence, hash: auditHash(before.hash, written) });
    }),
    { numRuns: 100 },
  );
  assert.equal((await verifyAuditChain(store)).intact, true);
  await store.close();
});

test("the hash is the documented one", () => {
  const documented = Buffer.concat([
    Buffer.alloc(32, 7),
    Buffer.from("00000002", "hex"),
    Buffer.from("0000000000000003", "hex"),
    Buffer.from("0000000000000400", "hex"),
    Buffer.from("00000002", "hex"),
    Buffer.from("é", "utf8"),
    Buffer.from("{}", "utf8"),
  ]);
  const event = { shard: 2, sequence: 3n, occurredAt: new Date(0x400), cardId: "é", content: "{}" };
  const expected = new Uint8Array(createHash("sha256").update(documented).digest());
  assert.deepEqual(auditHash(new Uint8Array(32).fill(7), event), expected);
  assert.notDeepEqual(auditHash(new Uint8Array(32).fill(7), { ...event, cardId: null, content: "é{}" }), expected);
});

async function chainOf(length: number): Promise<{ store: Store; url: string }> {
  const url = await postgres.createMigratedDatabase();
  const store = await openPostgresStore({ url });
  for (let n = 1; n <= length; n++) await append(store, `${n}`);
  return { store, url };
}

function append(store: Store, content: string): Promise<void> {
  return store.appendAuditEvent({ subject, cardId: subject, occurredAt: now, content: JSON.stringify(content) });
}
