import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createStore } from "./create-store.ts";
import type { Database } from "./database/index.ts";
import {
  extractTar,
  type FolderLock,
  inMemory,
  lockFolder,
  migrate,
  openEmbeddedDatabase,
  readEmptyDatabase,
} from "./database/index.ts";
import type { Store } from "./store.ts";

/**
 * Opens a store on PGlite in `folder/database`, and migrates it. `folder` is created with mode 0700 if it does not
 * exist. Only one process may use it at a time, because PGlite would lose rows without an error. A commit survives
 * `kill -9`, but not a power failure.
 *
 * @throws LinchpinError `storage_in_use` while another process uses the folder; `settings_invalid` when the database
 *   was migrated by a newer version of this program or by other files.
 */
export async function openEmbeddedStore(settings: { readonly folder: string }): Promise<Store> {
  return createStore((await openMigrated(settings.folder)).database);
}

/**
 * Opens an empty store on PGlite in the memory of this process. Its content ends with `close`. One engine stays for
 * a moment, for the next store of this process: to start one takes seconds.
 */
export async function openMemoryStore(): Promise<Store> {
  const database = takeKeptEngine() ?? (await openMigratedInMemory());
  return createStore({ ...database, close: () => closeMemoryDatabase(database) });
}

/** An engine holds 100 MB: so not for long. */
const keepEngineMs = 300;
let keptEngine: { readonly database: Database; readonly timer: NodeJS.Timeout } | null = null;

function takeKeptEngine(): Database | null {
  const kept = keptEngine;
  keptEngine = null;
  clearTimeout(kept?.timer);
  return kept?.database ?? null;
}

function keepEngine(database: Database): void {
  const timer = setTimeout(() => void takeKeptEngine()?.close(), keepEngineMs).unref();
  keptEngine = { database, timer };
}

async function openMigratedInMemory(): Promise<Database> {
  const database = await openEmbeddedDatabase(inMemory);
  await migrate(database);
  return database;
}

async function closeMemoryDatabase(database: Database): Promise<void> {
  // Loaded only when it is needed: no other store of this module is emptied.
  const { emptyDatabase } = await import("./empty-store.ts");
  try {
    await emptyDatabase(database, { keepKeys: false });
    await database.execute("checkpoint"); // Lets go of the log of what is gone.
  } catch {
    return database.close();
  }
  if (keptEngine !== null) return database.close();
  keepEngine(database);
}

/**
 * Migrates the database, and returns the names of the migrations that were applied. Throws as `openEmbeddedStore` does.
 */
export async function migrateEmbedded(settings: { readonly folder: string }): Promise<string[]> {
  const { database, applied } = await openMigrated(settings.folder);
  await database.close();
  return applied;
}

interface Migrated {
  readonly database: Database;
  readonly applied: string[];
}

async function openMigrated(folder: string): Promise<Migrated> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(folder);
  try {
    return await openLocked(folder, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function openLocked(folder: string, lock: FolderLock): Promise<Migrated> {
  const path = join(folder, "database");
  await prepareDatabase(path);
  const database = await openEmbeddedDatabase(path);
  const close = async () => {
    await database.close();
    await lock.release();
  };
  try {
    return { applied: await migrate(database), database: { ...database, close } };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Creates a database under another name and renames it, so that a process that dies meanwhile leaves no incomplete one.
 */
async function prepareDatabase(path: string): Promise<void> {
  if (await exists(path)) return;
  const unfinished = `${path}.new`;
  await rm(unfinished, { recursive: true, force: true });
  const archive = await readEmptyDatabase();
  if (archive === null) await (await openEmbeddedDatabase(unfinished)).close();
  else extractTar(archive, unfinished);
  await rename(unfinished, path);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
