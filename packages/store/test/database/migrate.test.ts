import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import { migratePostgres, openPostgresStore } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { until } from "@linchpin/test-fixtures/system/until";
import { Client } from "pg";

const postgres = await openTestPostgres();
after(() => postgres.stop());

test("an empty database is migrated once, by one of many that start at once", async () => {
  const url = await postgres.createDatabase();
  const applied = await Promise.all(Array.from({ length: 8 }, () => migratePostgres({ url })));
  const [names, ...others] = applied.toSorted((a, b) => b.length - a.length);
  assert.equal(names?.[0], "0001_house.sql");
  assert.deepEqual(others, Array(7).fill([]));
});

test("many stores open on an empty database at once", async () => {
  const url = await postgres.createDatabase();
  const stores = await Promise.all(Array.from({ length: 4 }, () => openPostgresStore({ url })));
  for (const store of stores) {
    await store.ping();
    await store.close();
  }
});

test("a store that opens waits longer for another server's migration than for a statement", async () => {
  const url = await postgres.createMigratedDatabase();
  const other = new Client(url);
  await other.connect();
  await other.query("begin; select pg_advisory_xact_lock(84200001)");
  const opens = openPostgresStore({ url, statementTimeoutMs: 500 });
  const waiting =
    "select from pg_locks join pg_database on oid = database where datname = current_database() and not granted";
  await until(async () => (await other.query(waiting)).rowCount !== 0);
  // Longer than PostgreSQL and the driver wait for a statement.
  assert.equal(await Promise.race([opens, sleep(2000)]), undefined);
  await other.query("commit");
  await (await opens).close();
  await other.end();
});

test("a database that is newer than the program is refused", async () => {
  const url = await migrated("insert into migrations (name, sha256) values ('9999_future.sql', '')");
  await assert.rejects(openPostgresStore({ url }), isSettings(/newer than this program.*9999_future/));
});

test("a database that was migrated by another file of the same name is refused", async () => {
  const url = await migrated("update migrations set sha256 = reverse(sha256)");
  await assert.rejects(migratePostgres({ url }), isSettings(/another file 0001_house/));
});

test("a migration that fails leaves nothing behind", async () => {
  const url = await postgres.createDatabase();
  await execute(url, "create table outbox (id text)");
  await assert.rejects(migratePostgres({ url }), { code: "internal" });
  await execute(url, "drop table outbox");
  assert.equal((await migratePostgres({ url }))[0], "0001_house.sql");
});

test("numbers of before belong to the operator, unless the audit says that a partner confirmed them", async () => {
  const url = await postgres.createDatabase();
  await migrateBefore("0012", url);
  await execute(
    url,
    `insert into partners (id, name, created_at) values ('sandbox', '', now()), ('bank', '', now());
    insert into persons (id, partner_id, created_at)
      select id, 'bank', now() from unnest(array['given', 'confirmed', 'registered']) id;
    insert into mobile_numbers (person_id, id, number, verified) values
      ('given', 'n1', '+15550101', true), ('confirmed', 'n2', '+15550102', true), ('registered', 'n3', '+15550103', false);
    insert into audit_events (shard, sequence, occurred_at, content, hash) values
      (0, 1, now(), '{"operation":"solaris.mobile_number.confirm","outcome":"done","mobileNumberId":"n2"}', ''),
      (0, 2, now(), '{"operation":"issuer.person.mobile_number","outcome":"done","mobileNumberId":"n1"}', ''),
      (0, 3, now(), '{"operation":"solaris.mobile_number.confirm","outcome":"refused"}', '')`,
  );
  const store = await openPostgresStore({ url });
  const setByOperator = async (id: string) => (await store.findPerson(id))?.mobileNumber?.setByOperator;
  assert.deepEqual(
    [await setByOperator("given"), await setByOperator("confirmed"), await setByOperator("registered")],
    [true, false, false],
  );
  const partners = Object.fromEntries(
    (await store.listPartners()).map(({ id, mayRegisterMobileNumbers }) => [id, mayRegisterMobileNumbers]),
  );
  assert.deepEqual(partners, { sandbox: true, bank: false });
  await store.close();
});

test("a database in another encoding is refused", async () => {
  const url = await postgres.createDatabase();
  await execute(url, "create database latin encoding 'LATIN1' template template0");
  await assert.rejects(migratePostgres({ url: url.replace(/test_\w+$/, "latin") }), isSettings(/UTF8/));
});

async function migrated(script: string): Promise<string> {
  const url = await postgres.createDatabase();
  await migratePostgres({ url });
  await execute(url, script);
  return url;
}

/** A database as the program left it before the migration of this name. */
async function migrateBefore(name: string, url: string): Promise<void> {
  const folder = new URL("../../migrations/", import.meta.url);
  await execute(url, `create table migrations (name text collate "C" primary key, sha256 text not null)`);
  for (const file of (await readdir(folder)).filter((file) => file.endsWith(".sql") && file < name).sort()) {
    const sql = await readFile(new URL(file, folder), "utf8");
    const sha256 = createHash("sha256").update(sql).digest("hex");
    await execute(url, `${sql}; insert into migrations (name, sha256) values ('${file}', '${sha256}')`);
  }
}

function isSettings(reason: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof LinchpinError && error.code === "settings_invalid" && reason.test(error.reason ?? "");
}
