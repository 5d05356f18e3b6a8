import assert from "node:assert/strict";
import { after, test } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { migratePostgres, openPostgresStore } from "@linchpin/store";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { execute } from "@linchpin/test-fixtures/databases/postgres-cluster";

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

function isSettings(reason: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof LinchpinError && error.code === "settings_invalid" && reason.test(error.reason ?? "");
}
