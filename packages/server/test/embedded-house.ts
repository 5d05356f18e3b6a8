import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { openEmbeddedStore } from "@linchpin/store";
import pino from "pino";
import { placeEmptyDatabase } from "../../store/test/empty-database.ts";
import type { House } from "../src/house.ts";
import { makeKeyring } from "../src/make-keyring.ts";
import { openVault } from "../src/open-vault.ts";
import { readSettings, type Settings } from "../src/settings.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

/** A house without HTTP, on a store of its own that goes with it. */
export async function openEmbeddedHouse(
  clock: () => Date,
  settings: Partial<Settings> = {},
): Promise<{ house: House; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-house-"));
  await placeEmptyDatabase(folder);
  const store = await openEmbeddedStore({ folder });
  const log = pino({ level: "silent" });
  const masterKey = randomBytes(32).toString("hex");
  const ofSandbox = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_MASTER_KEY: masterKey, ...vaultUnderTest() });
  const { vault, close: closeVault } = await openVault(ofSandbox.vault, ofSandbox, log);
  const keyring = makeKeyring({ store, vault, clock }, { ...ofSandbox, ...settings });
  await keyring.ensure();
  return {
    house: { store, keyring, primitives, clock, makeOtp: () => "000000", maxOtpsPerHour: 3, log, publicUrl: () => "" },
    close: async () => {
      await closeVault();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
