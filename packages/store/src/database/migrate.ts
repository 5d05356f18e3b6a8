import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { LinchpinError } from "@linchpin/core";
import type { Database, Queryable } from "./database.ts";

/**
 * Applies the migrations that the database lacks, in one transaction, and returns their names. Several servers may call
 * it at once: the first applies them, the others wait and then find nothing to apply.
 *
 * @throws LinchpinError `settings_invalid` when the database has a migration that this program does not know, when an
 *   applied migration differs from this program's file, or when the database is not encoded in UTF-8.
 */
export async function migrate(database: Database, folder: URL = migrationsFolder): Promise<string[]> {
  const migrations = await readMigrations(folder);
  return database.transaction(async (transaction) => {
    await transaction.execute(`select pg_advisory_xact_lock(${lockKey})`);
    const pending = pendingMigrations(migrations, await readApplied(transaction));
    for (const migration of pending) {
      await transaction.execute(migration.sql);
      await transaction.query("insert into migrations (name, sha256) values ($1, $2)", [
        migration.name,
        migration.sha256,
      ]);
    }
    return pending.map(({ name }) => name);
  }, migrationTimeoutMs);
}

/** A migration, or waiting for another server's, may take long. */
const migrationTimeoutMs = 3_600_000;

/** The names of the migrations that `migrate` would apply. Changes nothing. Throws as `migrate` does. */
export async function listPendingMigrations(database: Database, folder: URL = migrationsFolder): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const [state] = await database.query<{ migrated: boolean }>(
    "select to_regclass('migrations') is not null as migrated",
  );
  const applied = state?.migrated ? await database.query<Migration>(listApplied) : [];
  return pendingMigrations(migrations, applied).map(({ name }) => name);
}

// The same path from `src/database` as from `dist/database`.
const migrationsFolder = new URL("../../migrations/", import.meta.url);

/** The id of the advisory lock: a number that other programs are unlikely to use. */
const lockKey = 8420_0001;

interface Migration {
  readonly name: string;
  readonly sha256: string;
}

/** In the order in which they are applied. */
export async function readMigrations(folder: URL = migrationsFolder): Promise<(Migration & { sql: string })[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, folder), "utf8");
      return { name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

async function readApplied(transaction: Queryable): Promise<Migration[]> {
  const [state] = await transaction.query<{ encoding: string; migrated: boolean }>(
    `select current_setting('server_encoding') as encoding, to_regclass('migrations') is not null as migrated`,
  );
  if (state?.encoding !== "UTF8") {
    throw new LinchpinError("settings_invalid", { reason: "the database is not encoded in UTF8" });
  }
  if (!state.migrated) await transaction.execute(createMigrations);
  return transaction.query<Migration>(listApplied);
}

const listApplied = "select name, sha256 from migrations order by name";

const createMigrations = `
  create table migrations (
    name text collate "C" primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`;

function pendingMigrations<Known extends Migration>(known: Known[], applied: Migration[]): Known[] {
  for (const [index, { name, sha256 }] of applied.entries()) {
    const migration = known.find((one) => one.name === name);
    if (migration === undefined) {
      throw new LinchpinError("settings_invalid", {
        reason: `the database is newer than this program: it has ${name}`,
      });
    }
    if (migration.sha256 !== sha256 || known[index] !== migration) {
      throw new LinchpinError("settings_invalid", { reason: `the database was migrated by another file ${name}` });
    }
  }
  return known.slice(applied.length);
}
