import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { after, test } from "node:test";
import {
  type AuditCheckpoint,
  auditShardOf,
  type CheckpointContent,
  checkpointHashHex,
  openPostgresStore,
  type Store,
  verifyCheckpointedChain,
} from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { now } from "../fresh-records.ts";

const postgres = await openTestPostgres();
after(() => postgres.stop());

/** All events have this subject, so all are in one shard. */
const subject = "a card";
const shard = auditShardOf(subject, 16);
const ours = generateKeyPairSync("ec", { namedCurve: "P-256" });
const theirs = generateKeyPairSync("ec", { namedCurve: "P-256" });
const spkiOf = (key: KeyObject) => new Uint8Array(key.export({ type: "spki", format: "der" }));
const trusted = new Map([["ours", spkiOf(ours.publicKey)]]);

test("a chain and its checkpoints are intact, whatever the size of a page", async () => {
  const { store } = await chain();
  for (const pageSize of [1, 2, 3, 1000])
    assert.deepEqual(await verifyCheckpointedChain(store, trusted, { pageSize }), {
      intact: true,
      events: 10n,
      checkpoints: 3n,
      keyIds: ["ours"],
    });
  await store.close();
});

test("a chain without checkpoints is as intact as its hashes are", async () => {
  const store = await openPostgresStore({ url: await postgres.createMigratedDatabase() });
  await append(store, "1");
  const verification = await verifyCheckpointedChain(store, trusted);
  assert.deepEqual(verification, { intact: true, events: 1n, checkpoints: 0n, keyIds: [] });
  await store.close();
});

test("a checkpoint is taken once, of servers that take it at once", async () => {
  const { store } = await chain();
  const fourth = await checkpointOf(store);
  assert.equal(await store.addAuditCheckpoint(fourth), "added");
  assert.equal(await store.addAuditCheckpoint({ ...fourth, content: "{}" }), "taken");
  assert.deepEqual(await store.findLastAuditCheckpoint(), fourth);
  await store.close();
});

test("what is appended after the last checkpoint breaks nothing", async () => {
  const { store } = await chain();
  await append(store, "later");
  assert.equal((await verifyCheckpointedChain(store, trusted)).intact, true);
  await store.close();
});

const event = (sequence: number) => `shard = ${shard} and sequence = ${sequence}`;

/**
 * What somebody can do who can write to the database and computes all hashes and heads again. There are checkpoints
 * after events 4, 7 and 9.
 */
const rewrite = `
  do $$
  declare
    link bytea := decode(repeat('00', 32), 'hex');
    number bigint := 0;
    old audit_events;
  begin
    for old in select * from audit_events where shard = ${shard} order by sequence loop
      number := number + 1;
      link := sha256(link || int4send(old.shard) || int8send(number)
        || int8send((extract(epoch from old.occurred_at) * 1000)::bigint)
        || int4send(coalesce(octet_length(old.card_id), -1)) || convert_to(coalesce(old.card_id, ''), 'UTF8')
        || convert_to(old.content, 'UTF8'));
      update audit_events set sequence = number, hash = link where shard = old.shard and sequence = old.sequence;
    end loop;
    update audit_shards set sequence = number, hash = link where shard = ${shard};
  end $$`;

const rewritings: [what: string, script: string, brokenAt: number, kind: string][] = [
  ["the first altered", `update audit_events set content = '{}' where ${event(1)}`, 1, "rewritten"],
  ["one altered", `update audit_events set content = '{}' where ${event(6)}`, 5, "rewritten"],
  ["one altered right behind a checkpoint", `update audit_events set content = '{}' where ${event(5)}`, 5, "rewritten"],
  ["one dropped", `delete from audit_events where ${event(2)}`, 1, "rewritten"],
  [
    "two exchanged",
    `update audit_events set content = case sequence when 8 then '"9"' else '"8"' end where shard = ${shard} and sequence in (8, 9)`,
    8,
    "rewritten",
  ],
  [
    "one put in between",
    `update audit_events set sequence = sequence + 100 where shard = ${shard} and sequence > 5;
     insert into audit_events select shard, 6, card_id, occurred_at, '"forged"', hash from audit_events where ${event(5)}`,
    5,
    "rewritten",
  ],
  ["the end cut off", `delete from audit_events where shard = ${shard} and sequence > 7`, 8, "truncated"],
  ["all cut off", "delete from audit_events", 1, "truncated"],
];

for (const [what, script, brokenAt, kind] of rewritings)
  test(`a chain whose hashes were computed again is detected: ${what}`, async () => {
    const { store, url } = await chain();
    await execute(url, `${script}; ${rewrite}`);
    if (what === "all cut off")
      await execute(url, `update audit_shards set sequence = 0, hash = decode(repeat('00', 32), 'hex')`);
    for (const pageSize of [3, 1000]) {
      const verification = await verifyCheckpointedChain(store, trusted, { pageSize });
      assert.ok(!verification.intact);
      assert.deepEqual(verification.break, { shard, sequence: BigInt(brokenAt), what: kind });
    }
    await store.close();
  });

test("an event that was altered and nothing else is found where it is", async () => {
  const { store, url } = await chain();
  await execute(url, `update audit_events set content = '{}' where ${event(6)}`);
  const verification = await verifyCheckpointedChain(store, trusted);
  assert.deepEqual(!verification.intact && verification.break, { shard, sequence: 6n, what: "altered" });
  await store.close();
});

const ofCheckpoint: [what: string, script: string, brokenAt: number, kind: string][] = [
  [
    "content altered",
    `update audit_checkpoints set content = replace(content, '[4,', '[3,') where sequence = 1`,
    1,
    "unsigned",
  ],
  [
    "a signature altered",
    "update audit_checkpoints set signature = sha512(signature) where sequence = 2",
    2,
    "unsigned",
  ],
  ["a signature cut", "update audit_checkpoints set signature = '' where sequence = 2", 2, "unsigned"],
  ["another key named", "update audit_checkpoints set key_id = 'theirs' where sequence = 3", 3, "unsigned"],
  ["the first dropped", "delete from audit_checkpoints where sequence = 1", 1, "missing"],
  ["one dropped", "delete from audit_checkpoints where sequence = 2", 2, "missing"],
  [
    "one dropped, the rest renumbered",
    "delete from audit_checkpoints where sequence = 2; update audit_checkpoints set sequence = 2 where sequence = 3",
    2,
    "unbound",
  ],
  [
    "one put twice",
    "insert into audit_checkpoints select 4, content, key_id, signature from audit_checkpoints where sequence = 3",
    4,
    "unbound",
  ],
];

for (const [what, script, brokenAt, kind] of ofCheckpoint)
  test(`tampering with checkpoints is found: ${what}`, async () => {
    const { store, url } = await chain();
    await execute(url, script);
    const verification = await verifyCheckpointedChain(store, trusted);
    assert.deepEqual(!verification.intact && verification.break, { checkpoint: BigInt(brokenAt), what: kind });
    await store.close();
  });

/** What a database looks like from which somebody removed rows. Only a checkpoint knows how many shards there are. */
const removed: [what: string, script: string, brokenAt: number][] = [
  [
    "the last shard, head and events",
    "delete from audit_events where shard = 15; delete from audit_shards where shard = 15",
    15,
  ],
  ["a shard in which nothing happened", "delete from audit_shards where shard = 0", 0],
  ["all heads and events", "delete from audit_events; delete from audit_shards", 0],
];
for (const [what, script, brokenAt] of removed)
  test(`a chain with checkpoints is broken when rows are gone: ${what}`, async () => {
    const { store, url } = await chain();
    await execute(url, script);
    const verification = await verifyCheckpointedChain(store, trusted);
    assert.deepEqual(!verification.intact && verification.break, {
      shard: brokenAt,
      sequence: 0n,
      what: "head_mismatch",
    });
    await store.close();
  });

test("a chain is broken when it has a shard that no checkpoint knows, or checkpoints differ in the number of shards", async () => {
  const { store, url } = await chain();
  await execute(url, "insert into audit_shards values (16, 0, decode(repeat('00', 32), 'hex'))");
  const more = await verifyCheckpointedChain(store, trusted);
  assert.deepEqual(!more.intact && more.break, { shard: 16, sequence: 0n, what: "head_mismatch" });
  await store.addAuditCheckpoint(await checkpointOf(store));
  const differing = await verifyCheckpointedChain(store, trusted);
  assert.deepEqual(!differing.intact && differing.break, { checkpoint: 4n, what: "unbound" });
  await store.close();
});

test("a database of which nothing is left is broken, with its heads too where a checkpoint is needed", async () => {
  const { store, url } = await chain();
  await execute(url, "delete from audit_events; delete from audit_checkpoints");
  await execute(url, `update audit_shards set sequence = 0, hash = decode(repeat('00', 32), 'hex')`);
  const emptied = await verifyCheckpointedChain(store, trusted, { needsCheckpoint: true });
  assert.deepEqual(!emptied.intact && emptied.break, { checkpoint: 1n, what: "missing" });
  await execute(url, "delete from audit_shards");
  const gone = await verifyCheckpointedChain(store, trusted);
  assert.deepEqual(!gone.intact && gone.break, { shard: 0, sequence: 0n, what: "head_mismatch" });
  await store.close();
});

test("a checkpoint that was noted must be there, so that a restored backup is not taken for what it was", async () => {
  const { store, url } = await chain();
  const noted = (await store.findLastAuditCheckpoint()) ?? assert.fail();
  const expected = { sequence: noted.sequence, hashHex: checkpointHashHex(noted) };
  assert.equal((await verifyCheckpointedChain(store, trusted, { expected })).intact, true);
  await append(store, "later");
  await store.addAuditCheckpoint(await checkpointOf(store));
  assert.equal((await verifyCheckpointedChain(store, trusted, { expected })).intact, true);

  // As restored from a backup before the third checkpoint, which is signed anew and another one now.
  await execute(url, "delete from audit_checkpoints where sequence >= 3");
  const restored = await verifyCheckpointedChain(store, trusted, { expected });
  assert.deepEqual(!restored.intact && restored.break, { checkpoint: 3n, what: "missing" });
  await store.addAuditCheckpoint(await checkpointOf(store));
  assert.equal((await verifyCheckpointedChain(store, trusted)).intact, true);
  const signedAnew = await verifyCheckpointedChain(store, trusted, { expected });
  assert.deepEqual(!signedAnew.intact && signedAnew.break, { checkpoint: 3n, what: "unexpected" });
  await store.close();
});

test("a checkpoint that somebody else signs is not trusted, nor one by which a chain goes back", async () => {
  const { store } = await chain();
  await store.addAuditCheckpoint(await checkpointOf(store, { keyId: "theirs", key: theirs.privateKey }));
  const forged = await verifyCheckpointedChain(store, trusted);
  assert.deepEqual(!forged.intact && forged.break, { checkpoint: 4n, what: "unsigned" });
  const both = new Map([...trusted, ["theirs", spkiOf(theirs.publicKey)]]);
  const { intact, keyIds } = await verifyCheckpointedChain(store, both);
  assert.deepEqual([intact, keyIds], [true, ["ours", "theirs"]]);
  await store.addAuditCheckpoint(await checkpointOf(store, { heads: (number) => Math.max(0, number - 1) }));
  const back = await verifyCheckpointedChain(store, both);
  assert.deepEqual(!back.intact && back.break, { checkpoint: 5n, what: "unbound" });
  await store.close();
});

/** Ten events of one shard, with checkpoints after the fourth, seventh and ninth. */
async function chain(): Promise<{ store: Store; url: string }> {
  const url = await postgres.createMigratedDatabase();
  const store = await openPostgresStore({ url });
  for (let number = 1; number <= 10; number++) {
    await append(store, `${number}`);
    if ([4, 7, 9].includes(number)) await store.addAuditCheckpoint(await checkpointOf(store));
  }
  return { store, url };
}

async function checkpointOf(
  store: Store,
  { keyId = "ours", key = ours.privateKey, heads = (number: number) => number } = {},
): Promise<AuditCheckpoint> {
  const last = await store.findLastAuditCheckpoint();
  const sequence = (last?.sequence ?? 0n) + 1n;
  const shards = await store.listAuditShards();
  const content = JSON.stringify({
    sequence: Number(sequence),
    takenAt: now.toISOString(),
    previous: checkpointHashHex(last),
    heads: shards.map(({ sequence, hash }) => [heads(Number(sequence)), Buffer.from(hash).toString("hex")]),
    keyId,
  } satisfies CheckpointContent);
  const signature = new Uint8Array(sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" }));
  assert.equal(
    createHash("sha256").update(content).digest("hex"),
    checkpointHashHex({ sequence, content, keyId, signature }),
  );
  return { sequence, content, keyId, signature };
}

function append(store: Store, content: string): Promise<void> {
  return store.appendAuditEvent({ subject, cardId: subject, occurredAt: now, content: JSON.stringify(content) });
}
