import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  migrateEmbedded,
  migratePostgres,
  openEmbeddedStore,
  openMemoryStore,
  openPostgresStore,
  type Store,
} from "@linchpin/store";
import { type Settings, settingInvalid } from "./settings/index.ts";

type StoreSettings = Pick<Settings, "databaseUrl" | "databasePrepare" | "dataFolder">;

/** The store of a server, which alone may be in memory. Throws as `openStore`. */
export async function openServerStore(settings: StoreSettings): Promise<Store> {
  const isInMemory = settings.databaseUrl === null && settings.dataFolder === null;
  return isInMemory ? openMemoryStore() : openStore(settings);
}

/** @throws LinchpinError `settings_invalid`, also for a store in memory; `storage_in_use`, `unavailable` */
export async function openStore(settings: StoreSettings): Promise<Store> {
  const { databaseUrl, databasePrepare } = settings;
  if (databaseUrl !== null) return openPostgresStore({ url: databaseUrl, prepareStatements: databasePrepare });
  return openEmbeddedStore({ folder: await embeddedFolder(settings) });
}

/**
 * Opens a store that somebody made before. An embedded one is not made, because whoever works beside a server would work
 * on another store than the server's, and not notice.
 * @throws LinchpinError `settings_invalid`: there is none; and as `openStore`
 */
export async function openExistingStore(settings: StoreSettings): Promise<Store> {
  const { databaseUrl, dataFolder } = settings;
  if (databaseUrl === null && dataFolder !== null && !existsSync(join(dataFolder, "store")))
    throw settingInvalid(
      `there is no embedded store in ${dataFolder}: set LINCHPIN_DATABASE_URL to the issuer's database, or LINCHPIN_DATA to the folder of its embedded store`,
    );
  return openStore(settings);
}

/** Brings the store to the state that this program knows, and returns the names of the migrations it applied. Throws as `openStore`. */
export async function migrateStore(settings: StoreSettings): Promise<string[]> {
  if (settings.databaseUrl !== null) return migratePostgres({ url: settings.databaseUrl });
  return migrateEmbedded({ folder: await embeddedFolder(settings) });
}

async function embeddedFolder({ dataFolder }: StoreSettings): Promise<string> {
  if (dataFolder === null)
    throw settingInvalid(
      "LINCHPIN_DATA=memory: ends with its server: set LINCHPIN_DATABASE_URL, or LINCHPIN_DATA to a folder",
    );
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  return join(dataFolder, "store");
}
