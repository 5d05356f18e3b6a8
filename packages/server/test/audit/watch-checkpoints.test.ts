import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { openPostgresStore, type Store } from "@linchpin/store";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import Fastify from "fastify";
import pino from "pino";
import { auditAlarmOf } from "../../src/audit/index.ts";
import { takeAuditCheckpoint } from "../../src/audit/take-checkpoint.ts";
import type { Context } from "../../src/context/context.ts";
import { health } from "../../src/monitoring/health.ts";
import { measure } from "../../src/monitoring/measure.ts";
import { readSettings } from "../../src/read-settings.ts";

describe("the audit checkpoints that a process remembers", { timeout: 120_000 }, () => {
  const settings = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_MASTER_KEY: randomBytes(32).toString("hex") });
  const closing: (() => Promise<void>)[] = [];
  let postgres: TestPostgres;
  let url: string;

  before(async () => {
    postgres = await openTestPostgres();
  });
  after(async () => {
    for (const close of closing) await close();
    await postgres.stop();
  });
  beforeEach(async () => {
    url = await postgres.createMigratedDatabase();
  });

  /** A process of its own, as far as its memory goes. */
  async function startProcess() {
    const store = await openPostgresStore({ url });
    const opened = await contextOn(store, { ...settings, databaseUrl: url });
    closing.push(() => opened.close().then(() => store.close()));
    await opened.context.keyring.ensure();
    const errors: object[] = [];
    const log = pino({ level: "silent" });
    log.error = (facts: object) => void errors.push(facts);
    const context: Context = { ...opened.context, log };
    return { context, errors, append: () => append(store), sign: () => takeAuditCheckpoint(context) };
  }
  const append = (store: Store) =>
    store.appendAuditEvent({ subject: "a", cardId: null, occurredAt: new Date(), content: `{"operation":"test"}` });
  const checkpoints = async ({ store }: Context) =>
    (await store.listAuditCheckpoints({ afterSequence: 0n, limit: 100 })).map(({ sequence }) => Number(sequence));

  const readiness = async (context: Context) => {
    const app = Fastify();
    await app.register(health, { context });
    const { statusCode, body } = await app.inject("/health/ready");
    return { statusCode, ...JSON.parse(body) };
  };
  const metricOf = async (context: Context) => {
    const app = Fastify();
    measure(app, context);
    const { body } = await app.inject("/metrics");
    await app.close();
    return Number(/^linchpin_audit_alarm (\d)$/m.exec(body)?.[1]);
  };

  it("agree where several servers sign in turns and at once", async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    for (const signers of [[one], [other], [one, other], [other], [other, one], [one]]) {
      await one.append();
      await Promise.all(signers.map(({ sign }) => sign()));
    }
    assert.deepEqual(await checkpoints(one.context), [1, 2, 3, 4, 5, 6]);
    for (const { context, errors } of [one, other]) {
      assert.equal(auditAlarmOf(context), null);
      assert.deepEqual(errors, []);
      assert.deepEqual(await readiness(context), { statusCode: 200, status: "ok" });
      assert.equal(await metricOf(context), 0);
    }
  });

  /** The chain computed anew from the first event on, as somebody does who can write to the database. */
  const rewrite = `
    update audit_events set content = '{}' where sequence = 1 and shard = (select shard from audit_events order by shard limit 1);
    do $$
    declare head audit_shards; old audit_events; link bytea;
    begin
      for head in select * from audit_shards loop
        link := decode(repeat('00', 32), 'hex');
        for old in select * from audit_events where shard = head.shard order by sequence loop
          link := sha256(link || int4send(old.shard) || int8send(old.sequence)
            || int8send((extract(epoch from old.occurred_at) * 1000)::bigint)
            || int4send(coalesce(octet_length(old.card_id), -1)) || convert_to(coalesce(old.card_id, ''), 'UTF8')
            || convert_to(old.content, 'UTF8'));
          update audit_events set hash = link where shard = old.shard and sequence = old.sequence;
        end loop;
        update audit_shards set hash = link where shard = head.shard;
      end loop;
    end $$;`;

  const tamperings: [what: string, script: string, alarm: string][] = [
    [
      "all are gone and the chain computed anew",
      `${rewrite} delete from audit_checkpoints`,
      "audit_checkpoint_missing",
    ],
    ["the last is gone", "delete from audit_checkpoints where sequence = 2", "audit_checkpoint_missing"],
    [
      "the last is another one",
      "update audit_checkpoints set content = replace(content, 'takenAt', 'takenat') where sequence = 2",
      "audit_checkpoint_replaced",
    ],
    [
      "one that nobody signed follows",
      `insert into audit_checkpoints
       select 3, replace(content, '"sequence":2', '"sequence":3'), key_id, signature from audit_checkpoints where sequence = 2`,
      "audit_checkpoint_replaced",
    ],
    ["a shard is gone", "delete from audit_shards where shard = 15", "audit_chain_cut"],
    [
      "all is cut but the checkpoints",
      "delete from audit_events; update audit_shards set sequence = 0, hash = decode(repeat('00', 32), 'hex')",
      "audit_chain_cut",
    ],
  ];
  for (const [what, script, alarm] of tamperings)
    it(`raise an alarm, and nothing more is signed, where ${what}`, async () => {
      const running = await startProcess();
      for (const _ of [1, 2]) await running.append().then(running.sign);
      await execute(url, script);
      const left = await checkpoints(running.context);
      if (what !== "a shard is gone") await running.append();
      await running.sign();
      assert.deepEqual(await checkpoints(running.context), left);
      assert.equal(auditAlarmOf(running.context), alarm);
      assert.deepEqual(await readiness(running.context), { statusCode: 200, status: "ok", reasons: [alarm] });
      assert.equal(await metricOf(running.context), 1);
      assert.deepEqual(
        running.errors.map((facts) => "alarm" in facts && facts.alarm),
        [alarm],
      );
    });

  it("keep their alarm when another process, which remembers nothing, signs", async () => {
    const [running, other] = [await startProcess(), await startProcess()];
    await running.append().then(running.sign);
    await execute(url, "delete from audit_checkpoints");
    await other.append().then(other.sign);
    assert.equal(auditAlarmOf(other.context), null);
    for (const _ of [1, 2]) await running.sign();
    assert.equal(auditAlarmOf(running.context), "audit_checkpoint_replaced");
    assert.equal(running.errors.length, 2);
    assert.deepEqual(await checkpoints(running.context), [1]);
  });
});
