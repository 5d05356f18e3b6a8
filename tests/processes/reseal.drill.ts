import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Pin, utf8 } from "@linchpin/core";
import { readSettings } from "@linchpin/server";
import { openPostgresStore, type Store } from "@linchpin/store";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import type { Context } from "../../packages/server/src/context/context.ts";
import { sealStoredPin, withStoredPin } from "../../packages/server/src/pin/stored-pin.ts";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "../issuer-process.ts";

/** `LINCHPIN_RESEAL_CARDS=100000 npm run test:drills -- tests/processes/reseal.drill.ts` for as many as an issuer has. */
const cardCount = Number(process.env["LINCHPIN_RESEAL_CARDS"] ?? 2000);
const digitsOf = (card: number) => `${1000 + ((card * 7919) % 9000)}`;
const formerDigitsOf = (card: number) => `${1000 + ((card * 6007) % 9000)}`;
const idOf = (card: number) => `${((card * 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}-${card}`;

describe(`${cardCount} stored PINs, sealed anew by an issuer that is killed twice half-way`, () => {
  let postgres: TestPostgres;
  let environment: Record<string, string>;
  let issuer: IssuerProcess;
  let opened: Awaited<ReturnType<typeof contextOn>>;
  let context: Context;
  let store: Store;

  before(async () => {
    postgres = await openTestPostgres();
    const url = await postgres.createMigratedDatabase();
    environment = { LINCHPIN_DATABASE_URL: url, LINCHPIN_MASTER_KEY: randomBytes(32).toString("base64") };
    issuer = await startIssuerProcess(environment);
    store = await openPostgresStore({ url });
    opened = await contextOn(store, readSettings({ LINCHPIN_MODE: "sandbox", ...environment }));
    context = opened.context;
    await addCards(context, url);
  });
  after(async () => {
    await issuer.kill("SIGTERM");
    await opened.close();
    await store.close();
    await postgres.stop();
  });

  const operator = (...words: string[]) => runLinchpin({ LINCHPIN_URL: issuer.url }, ...words);
  const left = async (keyId: string) => {
    const { pins, pinHistory } = await store.countProtected(keyId);
    return pins + pinHistory;
  };

  it("verify, every one, and the key before can go", { timeout: 30 * 60_000 }, async (test) => {
    const { id: former } = await context.keyring.current("card-pin");
    const all = await left(former);
    assert.equal((await operator("keys", "rotate", "card-pin", "--yes")).exitCode, 0);

    for (const share of [0.75, 0.4]) {
      const resealing = operator("keys", "reseal", "card-pin");
      while ((await left(former)) > all * share) await sleep(1);
      await issuer.kill("SIGKILL");
      const leftAtDeath = await left(former);
      assert.ok(leftAtDeath > 0 && leftAtDeath <= all * share, `killed with ${leftAtDeath} of ${all} left`);
      test.diagnostic(`killed with ${leftAtDeath} of ${all} left`);
      assert.notEqual((await resealing).exitCode, 0);
      const refused = await fetch(`${issuer.url}/health/live`).catch(() => null);
      assert.equal(refused, null);
      issuer = await startIssuerProcess(environment, issuer.port);
    }

    const last = await operator("keys", "reseal", "card-pin");
    assert.equal(last.exitCode, 0, last.output);
    assert.equal(await left(former), 0);
    assert.equal(await countWrong(context, cardCount), 0);
    assert.equal((await operator("keys", "retire", former, "--yes")).exitCode, 0);
    await assertVerifies(issuer.url, idOf(7), digitsOf(7));
    const audit = await operator("audit", "verify");
    assert.equal(audit.exitCode, 0, audit.output);
  });
});

/** Of the sandbox's person, each with a PIN; each tenth with a former one too. */
async function addCards(context: Context, url: string): Promise<void> {
  for (let from = 0; from < cardCount; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, cardCount - from) }, (_, index) => from + index);
    const rows = await Promise.all(numbers.map((card) => rowOf(context, card)));
    const formerRows = await Promise.all(numbers.filter(hasFormer).map((card) => formerRowOf(context, card)));
    await execute(
      url,
      `insert into cards (id, person_id, program_id, created_at, pin_status, pin_version, pin_key_id, pin_sealed)
       select new.id, persons.id, programs.id, now(), 'active', 2, new.key_id, decode(new.sealed, 'hex')
       from (values ${rows.join(",")}) as new (id, key_id, sealed),
         (select id from persons limit 1) persons, (select id from programs limit 1) programs`,
    );
    if (formerRows.length > 0)
      await execute(
        url,
        `insert into former_pins (card_id, version, key_id, sealed)
         select id, 1, key_id, decode(sealed, 'hex') from (values ${formerRows.join(",")}) as new (id, key_id, sealed)`,
      );
  }
}

const batch = 1000;
const hasFormer = (card: number) => card % 10 === 0;
const rowOf = (context: Context, card: number) => sealedRow(context, card, 2, digitsOf(card));
const formerRowOf = (context: Context, card: number) => sealedRow(context, card, 1, formerDigitsOf(card));

async function sealedRow(context: Context, card: number, version: number, digits: string): Promise<string> {
  const { keyId, bytes } = await sealStoredPin(context, new Pin(utf8(digits)), idOf(card), version);
  return `('${idOf(card)}', '${keyId}', '${Buffer.from(bytes).toString("hex")}')`;
}

/** How many PINs are not what they were. */
async function countWrong(context: Context, count: number): Promise<number> {
  let wrong = 0;
  for (let card = 0; card < count; card++) {
    const { pin } = (await context.store.findCard(idOf(card))) ?? assert.fail("a card is gone");
    const stored = [
      { version: pin.version, sealed: pin.sealed ?? assert.fail("a PIN is gone"), digits: digitsOf(card) },
    ];
    for (const former of hasFormer(card) ? await context.store.listPinHistory(idOf(card), 9) : [])
      stored.push({ ...former, digits: formerDigitsOf(card) });
    assert.equal(stored.length, hasFormer(card) ? 2 : 1);
    for (const { digits, ...sealed } of stored) {
      const expected = new Pin(utf8(digits));
      if (!(await withStoredPin(context, { id: idOf(card) }, sealed, (opened) => opened.equals(expected)))) wrong++;
    }
  }
  return wrong;
}

async function assertVerifies(origin: string, cardId: string, digits: string): Promise<void> {
  const holder = await SolarisCardholder.create(origin);
  const answer = await holder.operator("POST", `/cards/${cardId}/pin/verify`, await holder.seal(digits));
  assert.deepEqual(answer.body, { result: "match", remainingAttempts: 3 });
}
