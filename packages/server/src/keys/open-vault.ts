import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type DestroyingVault,
  type MacVault,
  makeMasterKeyFile,
  Pkcs11Vault,
  parseMasterKey,
  parseTokenUri,
  readMasterKeyFile,
  type SigningVault,
  SoftwareVault,
  type Vault,
} from "@linchpin/vault";
import type { Logger } from "pino";
import type { Settings } from "../settings.ts";

export interface OpenVault {
  readonly vault: Vault & MacVault & SigningVault & Partial<DestroyingVault>;
  /** Of the software vault; null where the keys are in a token and nobody has one. */
  readonly masterKey: Uint8Array | null;
  close(): Promise<void>;
}

type VaultSettings = Pick<Settings, "masterKey" | "masterKeyFile" | "databaseUrl" | "dataFolder">;

/**
 * The vault that `LINCHPIN_VAULT` or `LINCHPIN_FORMER_VAULT` names.
 *
 * @throws LinchpinError `settings_invalid`; `unavailable`: the token is not there, or does not answer
 */
export async function openVault(named: string, settings: VaultSettings, log: Logger): Promise<OpenVault> {
  if (named === "software") {
    const masterKey = await readMasterKey(settings);
    return { vault: new SoftwareVault(masterKey), masterKey, close: async () => {} };
  }
  const vault = await Pkcs11Vault.open(parseTokenUri(named), {
    report: ({ state, reason }) =>
      log[state === "ready" ? "info" : "warn"]({ vaultWorker: state, reason }, "vault worker"),
  });
  return { vault, masterKey: null, close: () => vault.close() };
}

/**
 * Production is given its master key. The sandbox makes itself one: a file in its data folder; or, so that several
 * sandbox servers on one PostgreSQL share it, one derived from the URL of that database.
 */
async function readMasterKey(settings: VaultSettings): Promise<Uint8Array> {
  if (settings.masterKey !== null) return parseMasterKey(settings.masterKey);
  if (settings.masterKeyFile !== null) return readMasterKeyFile(settings.masterKeyFile);
  if (settings.databaseUrl !== null)
    return createHash("sha256").update(`linchpin sandbox\0${settings.databaseUrl}`).digest();
  const path = join(settings.dataFolder, "master.key");
  if (!existsSync(path)) await makeMasterKeyFile(path);
  return readMasterKeyFile(path);
}
