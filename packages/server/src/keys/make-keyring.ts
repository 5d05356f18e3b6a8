import type { Store } from "@linchpin/store";
import { type AnyVault, type AuditKeyChange, Keyring } from "@linchpin/vault";
import { type AuditFacts, auditDone } from "../audit/audit-entry.ts";
import type { Settings } from "../settings.ts";
import { keyPurposesOf } from "./key-purposes.ts";

/** The keyring of an issuer, with the key purposes that the settings ask for. Every change of a key is audited. */
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
    auditKeyChange: auditKeyChange(clock),
    // Only one process can open the embedded store.
    servers: databaseUrl === null ? "one" : "several",
    clock,
  });
}

/** What key records call a vault: how a module is reached may change (RFC 7512 §2.4), the token that it holds may not. */
function vaultNameOf(setting: string): string {
  return setting.split("?")[0] ?? setting;
}

function auditKeyChange(clock: () => Date): AuditKeyChange {
  return (change, { id, purpose, version, vault, acceptedUntil }, facts) => {
    const about: AuditFacts = { operation: `issuer.key.${change}`, caller: { kind: "house" }, ...facts };
    return auditDone({ clock }, { id: "keys" }, { ...about, purpose, keyId: id, version, vault, acceptedUntil });
  };
}
