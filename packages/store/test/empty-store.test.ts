import assert from "node:assert/strict";
import { test } from "node:test";
import { openPostgresStore } from "@linchpin/store";
import { emptyStore } from "@linchpin/store/sandbox";
import { openTestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { until } from "@linchpin/test-fixtures/system/until";
import { Client } from "pg";
import { addPartner } from "./fresh-records.ts";

test("a store is emptied although a statement that is under way locks the same tables in another order", async () => {
  const postgres = await openTestPostgres();
  const url = await postgres.createMigratedDatabase();
  const store = await openPostgresStore({ url });
  const other = new Client(url);
  await other.connect();
  try {
    await addPartner(store);
    // PostgreSQL ends the one that looks first.
    await other.query("set deadlock_timeout = '1min'; begin; lock table persons in row exclusive mode");
    const emptied = emptyStore(store, { keepKeys: false });
    await until(() => isHeld(other, "cards"));
    // Tables are emptied in order of their names: this waits for the other, and the other for this.
    await other.query("lock table cards in row exclusive mode; commit");
    await emptied;
    assert.deepEqual(await store.listPartners(), []);
  } finally {
    await other.end();
    await store.close();
    await postgres.stop();
  }
});

async function isHeld(client: Client, table: string): Promise<boolean> {
  const held = "select from pg_locks where relation = $1::regclass and mode = 'AccessExclusiveLock' and granted";
  return (await client.query(held, [table])).rowCount !== 0;
}
