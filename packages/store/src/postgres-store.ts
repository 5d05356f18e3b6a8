import { createStore } from "./create-store.ts";
import { migrate, openPostgresDatabase, type PostgresSettings } from "./database/index.ts";
import type { Store } from "./store.ts";

/**
 * A store on PostgreSQL 15 or later, brought to the state that this program knows.
 * Several servers may open one database, also through PgBouncer.
 *
 * @throws LinchpinError `settings_invalid` when the URL is none of PostgreSQL, or the database is newer than this
 *   program or was migrated by other files; `unavailable` when it can not be reached.
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  await migratePostgres(settings);
  return createStore(openPostgresDatabase(settings));
}

/** Brings the database to the state that this program knows, and returns the names of the migrations it applied. Throws as `openPostgresStore`. */
export async function migratePostgres(settings: PostgresSettings): Promise<string[]> {
  // On a connection of its own: a migration, or the wait for another server's, may take longer than a statement may.
  const database = openPostgresDatabase({ ...settings, maxConnections: 1, statementTimeoutMs: migrationTimeoutMs });
  try {
    return await migrate(database);
  } finally {
    await database.close();
  }
}

const migrationTimeoutMs = 3_600_000;
