import type { Store } from "@linchpin/store";
import {
  type DestroyingVault,
  Keyring,
  type MacVault,
  type NoteKeyAct,
  type SigningVault,
  type Vault,
} from "@linchpin/vault";
import { type AuditFacts, auditDone } from "../audit/audit-entry.ts";
import type { Settings } from "../settings.ts";
import { keyPurposesOf } from "./key-purposes.ts";

type AnyVault = Vault & Partial<MacVault & SigningVault & DestroyingVault>;

/** The keyring of an issuer: its purposes by the settings, each change of a key told to the audit with it. */
export function makeKeyring(
  {
    store,
    vault,
    formerVault = null,
    clock,
  }: {
    readonly store: Store;
    readonly vault: AnyVault;
    readonly formerVault?: AnyVault | null;
    readonly clock: () => Date;
  },
  settings: Pick<Settings, "adyenKeyWrap" | "keyRotation" | "vault" | "formerVault" | "databaseUrl">,
): Keyring {
  const { vault: vaultSetting, formerVault: formerSetting, databaseUrl } = settings;
  const isFormer = formerVault !== null && formerSetting !== null;
  return new Keyring({
    records: store,
    purposes: keyPurposesOf(settings),
    vault,
    vaultName: vaultNameOf(vaultSetting),
    formerVaults: new Map(isFormer ? [[vaultNameOf(formerSetting), formerVault]] : []),
    note: noteKeyAct(clock),
    // The embedded store is one process's.
    servers: databaseUrl === null ? "one" : "several",
    clock,
  });
}

/** As records of keys name it: how a module is reached may change (RFC 7512 §2.4), what it holds may not. */
function vaultNameOf(setting: string): string {
  return setting.split("?")[0] ?? setting;
}

function noteKeyAct(clock: () => Date): NoteKeyAct {
  return (act, { id, purpose, version, vault, acceptedUntil }, facts) => {
    const about: AuditFacts = { operation: `issuer.key.${act}`, caller: { kind: "house" }, ...facts };
    return auditDone({ clock }, { id: "keys" }, { ...about, purpose, keyId: id, version, vault, acceptedUntil });
  };
}
