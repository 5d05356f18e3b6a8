import { createStore } from "./create-store.ts";
import { type Database, migrate, openPostgresDatabase, type PostgresSettings } from "./database/index.ts";
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
  const { database } = await openMigrated(settings);
  return createStore(database);
}

/**
 * Migrates the database, and returns the names of the migrations that were applied. Throws as `openPostgresStore` does.
 */
export async function migratePostgres(settings: PostgresSettings): Promise<string[]> {
  const { database, applied } = await openMigrated({ ...settings, maxConnections: 1 });
  await database.close();
  return applied;
}

async function openMigrated(settings: PostgresSettings): Promise<{ database: Database; applied: string[] }> {
  const database = openPostgresDatabase({ ...settings, checksSessions: true });
  try {
    return { database, applied: await migrate(database) };
  } catch (error) {
    await database.close();
    throw error;
  }
}
