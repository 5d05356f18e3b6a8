import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore } from "@linchpin/store";
import { placeEmptyDatabase } from "../../store/test/empty-database.ts";
import type { Context } from "../src/context/context.ts";
import { readSettings, type Settings } from "../src/settings.ts";
import { contextOn } from "./context-on.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

/** A house without HTTP, on a store of its own that goes with it. */
export async function openEmbeddedContext(
  clock: () => Date,
  settings: Partial<Settings> = {},
): Promise<{ context: Context; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-house-"));
  await placeEmptyDatabase(folder);
  const store = await openEmbeddedStore({ folder });
  const masterKey = randomBytes(32).toString("hex");
  const ofSandbox = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_MASTER_KEY: masterKey, ...vaultUnderTest() });
  const opened = await contextOn(store, { ...ofSandbox, ...settings }, clock);
  await opened.context.keyring.ensure();
  return {
    context: opened.context,
    close: async () => {
      await opened.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
