import { databaseOf } from "./create-store.ts";
import { type Database, isRolledBack, type Queryable } from "./database/index.ts";
import type { Store } from "./store.ts";

/**
 * Deletes everything that the store holds; with `keepKeys`, everything but the key records. The store is then as after
 * its migrations. Only a sandbox does so, and a store in memory that is closed: a production server never loads this file.
 */
export async function emptyStore(store: Store, { keepKeys }: { readonly keepKeys: boolean }): Promise<void> {
  await emptyDatabase(databaseOf(store), { keepKeys });
}

export async function emptyDatabase(
  database: Database,
  { keepKeys }: { readonly keepKeys: boolean },
  tries = 5,
): Promise<void> {
  try {
    await database.transaction((transaction) => emptyTables(transaction, { keepKeys }));
  } catch (error) {
    // A statement that is under way locks tables in an order of its own: PostgreSQL may end this one, so that it goes on.
    if (tries === 1 || !isRolledBack(error)) throw error;
    await emptyDatabase(database, { keepKeys }, tries - 1);
  }
}

async function emptyTables(transaction: Queryable, { keepKeys }: { readonly keepKeys: boolean }): Promise<void> {
  const tables = await transaction.query<{ name: string }>(listTables);
  const names = tables.map(({ name }) => name).filter((name) => !(keepKeys && name === "keys"));
  await transaction.execute(`truncate ${names.map((name) => `"${name}"`).join(", ")} restart identity`);
  await transaction.execute(addAuditShards);
}

const listTables = `
select tablename as name from pg_tables
where schemaname = current_schema() and tablename <> 'migrations'
order by tablename`;

/** As the first migration does. */
const addAuditShards = "insert into audit_shards (shard) select generate_series(0, 15)";
