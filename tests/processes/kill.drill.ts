import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { PinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { until } from "@linchpin/test-fixtures/system/until";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { Client } from "pg";
import { type DatabaseProxy, startDatabaseProxy } from "../../faults/database-proxy.ts";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "../issuer-process.ts";

const cardCount = 6;
const changingForMs = 1_500;
/** Until requests on an idle issuer have passed all steps before their change is written. On a busy one some come late. */
const queuedWithinMs = 2_000;

/** Has what writes an audit event of a card wait while somebody holds a lock of that card's number. See `holdChanges`. */
const waitWhereHeld = `
  create function wait_where_held() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(hashtext(new.card_id));
      return new;
    end
  $$;
  create trigger wait_where_held before insert on audit_events for each row
    when (new.card_id is not null) execute function wait_where_held()`;

/** A card under change: what was answered, and what was on its way when the issuer died. */
interface Changing {
  readonly holder: SolarisCardholder;
  readonly device: BoundDevice;
  acknowledged: { digits: string; version: number };
  underWay: string | null;
}

for (const storage of ["embedded", "PostgreSQL"] as const)
  describe(`an issuer on the ${storage} store, killed in the middle of changes`, () => {
    let postgres: TestPostgres | null = null;
    let folder: string;
    let environment: Record<string, string>;
    let issuer: IssuerProcess;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "linchpin-kill-"));
      postgres = storage === "PostgreSQL" ? await openTestPostgres() : null;
      const database = postgres === null ? {} : { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase() };
      if (postgres === null) await placeEmptyDatabase(join(folder, "store"));
      environment = { LINCHPIN_DATA: folder, ...database };
      issuer = await startIssuerProcess(environment);
    });
    after(async () => {
      await issuer.kill("SIGTERM");
      await postgres?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("has every change that it answered, each other one whole or not at all, and a chain that verifies", async () => {
      const cards = await Promise.all(Array.from({ length: cardCount }, () => prepare(issuer.url)));
      const changing = cards.map((card) => changeUntilItDies(card));
      await until(() => cards.some(({ acknowledged }) => acknowledged.version > 1));
      await sleep(changingForMs);
      await issuer.kill("SIGKILL");
      await Promise.all(changing);

      issuer = await startIssuerProcess(environment, issuer.port);
      for (const card of cards) await assertWhole(card);
      const audit = await runLinchpin({ LINCHPIN_URL: issuer.url }, "audit", "verify");
      assert.equal(audit.exitCode, 0, audit.output);
    });
  });

describe("an issuer on PostgreSQL, killed with a group of changes under way", () => {
  let postgres: TestPostgres;
  let proxy: DatabaseProxy;
  let folder: string;
  let databaseUrl: string;
  let environment: Record<string, string>;
  let issuer: IssuerProcess;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-kill-"));
    postgres = await openTestPostgres();
    databaseUrl = await postgres.createMigratedDatabase();
    await rowsOf(waitWhereHeld);
    proxy = await startDatabaseProxy(Number(new URL(databaseUrl).port));
    const throughProxy = new URL(databaseUrl);
    throughProxy.port = `${proxy.port}`;
    environment = { LINCHPIN_DATA: folder, LINCHPIN_DATABASE_URL: throughProxy.href };
    issuer = await startIssuerProcess(environment);
  });
  after(async () => {
    await issuer.kill("SIGTERM");
    await proxy.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("between commit and answers: nobody was answered, and each change is there once and is refused as replayed", async () => {
    const { sent, answers, changed, group } = await killWhile("answers");
    assert.deepEqual(await answers, [204, ...sent.slice(1).map(() => "none")]);
    assert.ok(group.length > 1, `a group of ${group.length}`);
    for (const { card, request } of sent) {
      const wasChanged = changed.includes(card);
      await assertWhole(wasChanged ? { ...card, acknowledged: { digits: "1957", version: 2 } } : card);
      const { status, body } = await card.holder.sendChange(request);
      assert.equal(status, wasChanged ? 409 : 204);
      if (wasChanged) assert.equal(body.errors[0].code, "encrypted_pin_already_used");
      assert.equal((await card.holder.card()).pin.version, 2);
    }
    const audit = await runLinchpin({ LINCHPIN_URL: issuer.url }, "audit", "verify");
    assert.equal(audit.exitCode, 0, audit.output);
  });

  it("before its statement: nobody was answered, nothing changed, and the same requests do it afterwards", async () => {
    const { sent, answers, changed, group } = await killWhile("statements");
    assert.deepEqual(await answers, [204, ...sent.slice(1).map(() => "none")]);
    assert.ok(group.length > 1, `a group of ${group.length}`);
    assert.equal(changed.length, 1, "the first alone");
    for (const { card, request } of sent.slice(1)) {
      await assertWhole(card);
      assert.equal((await card.holder.sendChange(request)).status, 204);
      await assertWhole({ ...card, acknowledged: { digits: "1957", version: 2 } });
    }
  });

  /**
   * Has the change of one card wait in the database, so that those of the others wait for their turn and become one
   * group; kills the issuer while the wire withholds the statement of that group, or its answer; starts it again. All
   * begins anew with other cards where the machine is so busy that the first change waits longer than a statement may,
   * or that no two others come in time to be one group.
   */
  async function killWhile(withheld: "statements" | "answers", attempts = 4): ReturnType<typeof killOnce> {
    const killed = await killOnce(withheld);
    const isTooLate = (await killed.answers)[0] !== 204;
    const isNoGroup = killed.group.length < 2;
    return (isTooLate || isNoGroup) && attempts > 1 ? killWhile(withheld, attempts - 1) : killed;
  }

  async function killOnce(withheld: "statements" | "answers") {
    const sent: { readonly card: Changing; readonly request: PinUpdateRequest }[] = [];
    for (let count = 0; count < cardCount; count++) {
      const card = await prepare(issuer.url);
      sent.push({ card, request: await card.holder.sealAndSign("1957", card.device) });
    }
    const send = ({ card, request }: (typeof sent)[number]) =>
      card.holder.sendChange(request).then(
        ({ status }) => status,
        () => "none",
      );
    const [first, ...others] = sent as [(typeof sent)[number], ...typeof sent];
    const firstHeld = await holdChanges([first.card]);
    const othersHeld = withheld === "answers" ? await holdChanges(others.map(({ card }) => card)) : null;
    const firstAnswer = send(first);
    await firstHeld.untilOneWaits();
    const otherAnswers = others.map(send);
    await sleep(queuedWithinMs);
    if (othersHeld === null) {
      proxy.withholds = "statements";
      await firstHeld.end();
      await firstAnswer;
      await sleep(queuedWithinMs / 10);
    } else {
      await firstHeld.end();
      const changedBefore = (await firstAnswer) === 204 ? 1 : 0;
      await othersHeld.untilOneWaits();
      proxy.withholds = "answers";
      await othersHeld.end();
      await until(async () => (await changedOf(sent.map(({ card }) => card))).length > changedBefore);
    }
    await issuer.kill("SIGKILL");
    proxy.withholds = null;
    issuer = await startIssuerProcess(environment, issuer.port);
    const changed = await changedOf(sent.map(({ card }) => card));
    const isOfGroup = ({ card }: (typeof sent)[number]) =>
      withheld === "answers" ? changed.includes(card) : isChangedBy(proxy.withheld(), card);
    return { sent, answers: Promise.all([firstAnswer, ...otherAnswers]), changed, group: others.filter(isOfGroup) };
  }

  /** From now until `end`, a change of one of these cards waits in the database, with all that is of its group. */
  async function holdChanges(cards: readonly Changing[]) {
    const client = new Client(databaseUrl);
    await client.connect();
    const ids = cards.map(({ holder }) => holder.sandbox.issuer.cardId);
    await client.query("select pg_advisory_lock(hashtext(id)) from unnest($1::text[]) as held (id)", [ids]);
    // The database tells the lower 32 bits of a lock's number as an oid.
    const waiting = `select from pg_locks where locktype = 'advisory' and not granted
      and objid in (select (hashtext(id)::bigint & 4294967295)::oid from unnest($1::text[]) as held (id))`;
    return {
      untilOneWaits: () => until(async () => (await client.query(waiting, [ids])).rows.length > 0),
      end: () => client.end(),
    };
  }

  async function changedOf(cards: readonly Changing[]): Promise<Changing[]> {
    const rows = await rowsOf("select id from cards where pin_version = 2");
    return cards.filter(({ holder }) => rows.some(({ id }) => id === holder.sandbox.issuer.cardId));
  }

  /** Not through the proxy. */
  async function rowsOf(sql: string): Promise<{ id: string }[]> {
    const client = new Client(databaseUrl);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
});

async function prepare(url: string): Promise<Changing> {
  const holder = await SolarisCardholder.create(url);
  const device = await holder.bindDevice();
  assert.equal((await holder.changePin("1928", device)).status, 204);
  return { holder, device, acknowledged: { digits: "1928", version: 1 }, underWay: null };
}

async function changeUntilItDies(card: Changing): Promise<void> {
  for (let count = 0; ; count++) {
    const digits = `19${String(20 + (count % 70))}`;
    try {
      const request = await card.holder.sealAndSign(digits, card.device);
      card.underWay = digits;
      const { status } = await card.holder.sendChange(request);
      if (status === 204) card.acknowledged = { digits, version: card.acknowledged.version + 1 };
      card.underWay = null;
    } catch {
      return;
    }
  }
}

/** Whether a statement among these writes the audit event of a change of that card. An array's quotes have a backslash. */
function isChangedBy(statements: Buffer, { holder }: Changing): boolean {
  const unescaped = statements.toString("latin1").replaceAll("\\", "");
  return unescaped.includes(`"cardId":"${holder.sandbox.issuer.cardId}","outcome":"done"`);
}

/** Version, PIN and audit say the same: the last change that was answered, or the one that was cut off. */
async function assertWhole({ holder, acknowledged, underWay }: Changing): Promise<void> {
  const { pin } = await holder.card();
  const wasCutOffDone = underWay !== null && pin.version === acknowledged.version + 1;
  assert.equal(pin.version, acknowledged.version + (wasCutOffDone ? 1 : 0));
  const digits = wasCutOffDone ? underWay : acknowledged.digits;
  assert.equal((await holder.verify(digits)).body.result, "match");
  const changes = (await holder.auditEvents()).filter(
    ({ operation, outcome }) => operation === "solaris.pin_update_requests" && outcome === "done",
  );
  assert.equal(changes.length, pin.version);
}
