import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, type Settings } from "@linchpin/server";
import type { Context } from "@linchpin/server/issuer";
import { openEmbeddedStore, openPostgresStore, type Store } from "@linchpin/store";
import { placeEmptyDatabase } from "../databases/empty-database.ts";
import { openTestPostgres, runsOnPostgres } from "../databases/postgres.ts";
import { contextOn } from "./context-on.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

/** A context without HTTP, on a store of its own that goes with it. */
export async function openOwnContext(
  clock: () => Date,
  settings: Partial<Settings> = {},
): Promise<{ context: Context; settings: Settings; close(): Promise<void> }> {
  const { store, remove } = await openOwnStore();
  const masterKey = randomBytes(32).toString("hex");
  const ofSandbox = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_MASTER_KEY: masterKey, ...vaultUnderTest() });
  const chosen = { ...ofSandbox, ...settings };
  const opened = await contextOn(store, chosen, clock);
  await opened.context.keyring.ensure();
  return {
    context: opened.context,
    settings: chosen,
    close: async () => {
      await opened.close();
      await store.close();
      await remove();
    },
  };
}

/** On the PostgreSQL of the test run, which starts sooner than an embedded one; where there is none, embedded. */
async function openOwnStore(): Promise<{ store: Store; remove: () => Promise<void> }> {
  if (runsOnPostgres()) {
    const postgres = await openTestPostgres();
    return { store: await openPostgresStore({ url: await postgres.createMigratedDatabase() }), remove: postgres.stop };
  }
  const folder = await mkdtemp(join(tmpdir(), "linchpin-context-"));
  await placeEmptyDatabase(folder);
  return { store: await openEmbeddedStore({ folder }), remove: () => rm(folder, { recursive: true, force: true }) };
}
