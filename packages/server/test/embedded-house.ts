import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore } from "@linchpin/store";
import { placeEmptyDatabase } from "../../store/test/empty-database.ts";
import type { House } from "../src/context/context.ts";
import { readSettings, type Settings } from "../src/settings.ts";
import { houseOn } from "./house-on.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

/** A house without HTTP, on a store of its own that goes with it. */
export async function openEmbeddedHouse(
  clock: () => Date,
  settings: Partial<Settings> = {},
): Promise<{ house: House; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-house-"));
  await placeEmptyDatabase(folder);
  const store = await openEmbeddedStore({ folder });
  const masterKey = randomBytes(32).toString("hex");
  const ofSandbox = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_MASTER_KEY: masterKey, ...vaultUnderTest() });
  const opened = await houseOn(store, { ...ofSandbox, ...settings }, clock);
  await opened.house.keyring.ensure();
  return {
    house: opened.house,
    close: async () => {
      await opened.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
