import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createStore } from "./create-store.ts";
import type { Database } from "./database/index.ts";
import { type FolderLock, lockFolder, migrate, openEmbeddedDatabase } from "./database/index.ts";
import type { Store } from "./store.ts";

/**
 * A store inside this process, in `folder/database`; `folder` is made with mode 0700 where it is missing. One process
 * at a time: PGlite itself would lose rows without a word. What was committed survives `kill -9`, not a power cut.
 *
 * @throws LinchpinError `storage_in_use` while another process has the folder; `settings_invalid` when the database
 *   is newer than this program or was migrated by other files.
 */
export async function openEmbeddedStore(settings: { readonly folder: string }): Promise<Store> {
  return createStore((await openMigrated(settings.folder)).database);
}

/** Brings the database to the state that this program knows, and returns the names of the migrations it applied. Throws as `openEmbeddedStore`. */
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

/** PostgreSQL makes its files beside the place they go to, so that a process that dies of it leaves no half database. */
async function prepareDatabase(path: string): Promise<void> {
  if (await exists(path)) return;
  const unfinished = `${path}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await (await openEmbeddedDatabase(unfinished)).close();
  await rename(unfinished, path);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
