import { createStore } from "./create-store.ts";
import { checkPostgresDatabase, migrate, openPostgresDatabase, type PostgresSettings } from "./database/index.ts";
import type { Store } from "./store.ts";

/**
 * Opens a store on PostgreSQL 15 or later, and migrates it. Several servers may use one database, also through
 * PgBouncer.
 *
 * @throws LinchpinError `settings_invalid` when the URL is not a PostgreSQL URL, or when the database was migrated by a
 *   newer version of this program or by other files, or where a pooler would lose what a session has to set;
 *   `unavailable` when the database is read-only, or cannot be reached.
 */
export async function openPostgresStore(settings: PostgresSettings): Promise<Store> {
  await migratePostgres(settings);
  return createStore(openPostgresDatabase(settings));
}

/**
 * Migrates the database, and returns the names of the migrations that were applied. Throws as `openPostgresStore` does.
 */
export async function migratePostgres(settings: PostgresSettings): Promise<string[]> {
  await checkPostgresDatabase(settings);
  // On a connection with a longer timeout: a migration, or waiting for another server's, may take long.
  const database = openPostgresDatabase({ ...settings, maxConnections: 1, statementTimeoutMs: migrationTimeoutMs });
  try {
    return await migrate(database);
  } finally {
    await database.close();
  }
}

const migrationTimeoutMs = 3_600_000;
