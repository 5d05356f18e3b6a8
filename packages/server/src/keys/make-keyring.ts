import type { Store } from "@linchpin/store";
import { type AnyVault, type AuditKeyChange, Keyring, vaultSchemeOf } from "@linchpin/vault";
import { auditDone, auditFacts, issuerAudit, systemCaller } from "../audit/index.ts";
import type { Caller } from "../context/index.ts";
import { issuerEvents } from "../outbox/index.ts";
import type { Protocol } from "../protocol.ts";
import type { Settings } from "../settings/index.ts";
import { keyPurposesOf } from "./key-purposes.ts";

/** The keyring of an issuer, with the key purposes that the settings ask for. Every change of a key is audited. */
export function makeKeyring(
  {
    store,
    protocols,
    vault,
    formerVault = null,
    publishKeys = async () => {},
    emitsEvents = false,
    clock,
  }: {
    readonly store: Store;
    readonly protocols: readonly Protocol[];
    readonly vault: AnyVault;
    readonly formerVault?: AnyVault | null;
    /** Nothing is published by default, as by a check. */
    readonly publishKeys?: () => Promise<void>;
    /** See `Context`. False by default: a check rotates nothing. */
    readonly emitsEvents?: boolean;
    readonly clock: () => Date;
  },
  settings: Pick<Settings, "protocols" | "keyRotation" | "vault" | "formerVault" | "databaseUrl">,
): Keyring {
  const { vault: vaultSetting, formerVault: formerSetting, databaseUrl } = settings;
  const isFormer = formerVault !== null && formerSetting !== null;
  return new Keyring({
    records: store,
    purposes: keyPurposesOf(protocols, settings),
    vault,
    vaultName: nameInRecords(vaultSetting),
    formerVaults: new Map(isFormer ? [[nameInRecords(formerSetting), formerVault]] : []),
    auditKeyChange: auditKeyChange(clock),
    eventsOfRotation: ({ purpose, id: keyId, version }) =>
      issuerEvents({ emitsEvents, clock }, "key.rotated", { purpose, keyId, version }),
    publishKeys,
    // Only one process can open the embedded store.
    servers: databaseUrl === null ? "one" : "several",
    clock,
  });
}

function nameInRecords(uri: string): string {
  return vaultSchemeOf(uri).nameInRecords(uri);
}

/** Facts that the use cases of keys hand to the keyring for the audit event. A change by schedule has no caller. */
interface KeyChangeFacts {
  readonly caller?: Caller;
  readonly signingMethodsToRecover?: number;
}

function auditKeyChange(clock: () => Date): AuditKeyChange {
  return (change, { id: keyId, purpose, version, vault, acceptedUntil }, given) => {
    const { caller, ...asked }: KeyChangeFacts = given;
    const key = { purpose, keyId, version, vault, acceptedUntil };
    const facts = auditFacts(issuerAudit[`issuer.key.${change}`], caller ?? systemCaller, { ...asked, ...key });
    return auditDone({ clock }, { id: "keys" }, facts);
  };
}
