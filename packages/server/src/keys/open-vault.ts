import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type KeyPairSource,
  makeMasterKey,
  makeMasterKeyFile,
  type OpenVault,
  parseMasterKey,
  readMasterKeyFile,
  vaultSchemeOf,
} from "@linchpin/vault";
import type { Logger } from "pino";
import type { Settings } from "../settings/index.ts";

type VaultSettings = Pick<Settings, "masterKey" | "masterKeyFile" | "databaseUrl" | "dataFolder">;

/**
 * Opens the vault that `LINCHPIN_VAULT` or `LINCHPIN_FORMER_VAULT` names.
 *
 * @throws LinchpinError `settings_invalid`; `unavailable`: the vault cannot be reached
 */
export async function openVault(
  uri: string,
  settings: VaultSettings,
  log: Logger,
  keyPairs?: KeyPairSource,
): Promise<OpenVault> {
  return vaultSchemeOf(uri).open(uri, {
    readMasterKey: () => readMasterKey(settings),
    ...(keyPairs === undefined ? {} : { keyPairs }),
    report: ({ state, reason }) =>
      log[state === "ready" ? "info" : "warn"]({ vaultWorker: state, reason }, "vault worker"),
  });
}

/**
 * The master key that is set. The settings of production always name one. A sandbox without one makes its own: a file
 * in its data folder; in memory, where its store is too; or, so that several sandbox servers on one PostgreSQL share it,
 * a key derived from the URL of that database.
 */
async function readMasterKey(settings: VaultSettings): Promise<Uint8Array> {
  if (settings.masterKey !== null) return parseMasterKey(settings.masterKey);
  if (settings.masterKeyFile !== null) return readMasterKeyFile(settings.masterKeyFile);
  if (settings.databaseUrl !== null)
    return createHash("sha256").update(`linchpin sandbox\0${settings.databaseUrl}`).digest();
  if (settings.dataFolder === null) return makeMasterKey();
  const path = join(settings.dataFolder, "master.key");
  if (!existsSync(path)) await makeMasterKeyFile(path);
  return readMasterKeyFile(path);
}
