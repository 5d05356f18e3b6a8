import { LinchpinError } from "@linchpin/core";
import { endOfGracePeriod, endOfLife, type KeyPolicies, policyOf } from "./key-policy.ts";
import type { KeyRecordCache } from "./key-record-cache.ts";
import type { AuditEntry, KeyRecord, KeyRecords, OutboxEntry } from "./key-records.ts";
import { isDueForRotation, type ListedKey, latestCurrent, maxRequestDurationMs, stateOf } from "./key-states.ts";
import type { VaultSet } from "./vault-set.ts";

/** What happens to a key. `rotate` makes a pending key the current one. */
export type KeyChange = "make" | "rotate" | "retire" | "destroy";

/** Makes the audit entry of a change. `facts` are further facts for the audit event, above all who asked for the change. */
export type AuditKeyChange = (change: KeyChange, key: KeyRecord, facts: object) => AuditEntry;

export interface KeyLifeCycleSettings {
  readonly records: KeyRecords;
  readonly cache: KeyRecordCache;
  readonly policies: KeyPolicies;
  readonly vaults: VaultSet;
  /** See `Keyring.prove`. */
  readonly prove: (key: KeyRecord) => Promise<void>;
  readonly auditKeyChange: AuditKeyChange;
  /** What must be delivered once a rotation has made this key the current one. */
  readonly eventsOfRotation: (key: KeyRecord) => readonly OutboxEntry[];
  /**
   * Publishes which keys there are, where that changed. Awaited after a pending key was made, before and after it becomes
   * current, and after a retirement: no later key of a purpose is used before it is published.
   */
  readonly publishKeys: () => Promise<void>;
  /** With `several`, a rotation and a destruction wait for the other servers, which may act on older records. */
  readonly servers: "one" | "several";
  readonly clock: () => Date;
  readonly newId: () => string;
  readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * Makes, rotates, retires and destroys keys. Each change is one statement of the store, with its audit entry; where
 * several servers attempt the same change at once, one of them makes it and the others get `conflict`.
 */
export class KeyLifeCycle {
  readonly #settings: KeyLifeCycleSettings;

  constructor(settings: KeyLifeCycleSettings) {
    this.#settings = settings;
  }

  /**
   * Makes the first key of a purpose, and those that serve beside it, which are in use at once: no server has read what
   * would be older records. Makes no more where another server made one first.
   */
  async makeFirst(purpose: string): Promise<void> {
    const { policies, clock } = this.#settings;
    const { parallelVersions = 1 } = policyOf(policies, purpose);
    let previous: KeyRecord | null = null;
    for (let version = 1; version <= parallelVersions; version++) {
      previous = await this.#add(purpose, { previous, currentFrom: clock(), facts: {} });
      if (previous === null) return;
    }
  }

  /** See `Keyring.make`. */
  async make(purpose: string, facts: object): Promise<KeyRecord> {
    const { cache, policies, vaults, publishKeys, clock } = this.#settings;
    policyOf(policies, purpose);
    cache.clear();
    const versions = await cache.versions(purpose);
    const [latest] = versions;
    if (latest === undefined) throw new LinchpinError("internal", { reason: "this purpose has no key yet" });
    const isPending = stateOf(latest, versions, clock()) === "pending" && vaults.isInActiveVault(latest);
    const isThere = isPending && (await this.#isHeld(latest));
    const pending = isThere ? latest : await this.#add(purpose, { previous: latest, currentFrom: null, facts });
    if (pending === null) throwConflict();
    // One that was there, too: the server that made it may have ended before it published it.
    await publishKeys();
    return pending;
  }

  /** See `Keyring.rotate`. */
  async rotate(purpose: string, facts: object): Promise<KeyRecord> {
    const { records, cache, policies, auditKeyChange, eventsOfRotation, publishKeys, servers, clock, pause } =
      this.#settings;
    const pending = await this.make(purpose, facts);
    // No server may publish the key before every server has read its record, and so opens with it.
    if (servers === "several") await pause(cache.maxAgeMs + timerToleranceMs);
    const policy = policyOf(policies, purpose);
    const currentFrom = clock();
    const acceptedUntil = endOfLife(policy, currentFrom);
    const current = { ...pending, currentFrom, acceptedUntil };
    const previousAcceptedUntil = endOfGracePeriod(policy, currentFrom);
    const { parallelVersions = 1 } = policy;
    const terms = { currentFrom, acceptedUntil, previousAcceptedUntil, parallelVersions };
    const audit = auditKeyChange("rotate", current, facts);
    // Up to the last version of those that stand beside one another, none is replaced: nobody needs to be told.
    const events = current.version > parallelVersions ? eventsOfRotation(current) : [];
    const outcome = await records.makeKeyCurrent(pending.id, terms, audit, events);
    cache.clear();
    if (outcome !== "made") throwConflict();
    await publishKeys();
    return current;
  }

  /** See `Keyring.rotateDue`. */
  async rotateDue(): Promise<void> {
    const { cache, policies, clock } = this.#settings;
    for (const [purpose, policy] of policies) {
      const current = latestCurrent(await cache.versions(purpose));
      if (current !== undefined && isDueForRotation(current, policy, clock())) await this.rotateUnlessConflict(purpose);
    }
  }

  /** Rotates a key, or leaves that to the server that rotates it at the same moment. */
  async rotateUnlessConflict(purpose: string): Promise<void> {
    try {
      await this.rotate(purpose, {});
    } catch (error) {
      if (!(error instanceof LinchpinError && error.code === "conflict")) throw error;
    }
  }

  /** See `Keyring.retire`. */
  async retire(id: string, forceRecovery: boolean, facts: object): Promise<"retired" | "in_use"> {
    const { records, cache, policies, auditKeyChange, publishKeys, clock } = this.#settings;
    const key = await this.#find(id);
    const isOfUnusedPurpose = !policies.has(key.purpose) && (key.state === "current" || key.state === "pending");
    if (key.state !== "accepted" && !isOfUnusedPurpose)
      throw new LinchpinError("conflict", { reason: `the key is ${key.state}: only an accepted one can be retired` });
    const at = clock();
    const audit = auditKeyChange("retire", { ...key, acceptedUntil: at }, facts);
    const outcome = await records.retireKey(id, { at, forceRecovery }, audit);
    cache.clear();
    if (outcome === "conflict") throwConflict();
    if (outcome === "retired") await publishKeys();
    return outcome;
  }

  /** See `Keyring.destroy`. */
  async destroy(id: string, facts: object): Promise<"destroyed" | "in_use"> {
    const { records, cache, vaults } = this.#settings;
    const key = await this.#find(id);
    if (key.state !== "destroyed" && (await this.#markDestroyed(key, facts)) === "in_use") return "in_use";
    // The handle is still there where the vault could not be reached when the key was marked.
    if (key.handle.length > 0) {
      await vaults.vaultOf(key).destroyKey?.(key);
      await records.eraseKeyHandle(id);
      cache.clear();
    }
    return "destroyed";
  }

  async #markDestroyed(key: ListedKey, facts: object): Promise<"destroyed" | "in_use"> {
    const { records, cache, auditKeyChange, servers, clock } = this.#settings;
    if (key.state !== "retired")
      throw new LinchpinError("conflict", { reason: `the key is ${key.state}: only a retired one can be destroyed` });
    const at = clock();
    const retiredBefore = new Date(at.getTime() - (servers === "several" ? maxRequestDurationMs : 0));
    const audit = auditKeyChange("destroy", { ...key, destroyedAt: at }, facts);
    const outcome = await records.destroyKey(key.id, { at, retiredBefore }, audit);
    cache.clear();
    if (outcome !== "conflict") return outcome;
    const waitMs = (key.acceptedUntil?.getTime() ?? at.getTime()) + maxRequestDurationMs - at.getTime();
    throw new LinchpinError("conflict", {
      reason: `the key was retired just now, and requests under way may need it: try again in ${Math.ceil(waitMs / 1000)} s`,
    });
  }

  /** Null where another server added the version first: the key made here has no record, and is destroyed. */
  async #add(
    purpose: string,
    { previous, currentFrom, facts }: { previous: KeyRecord | null; currentFrom: Date | null; facts: object },
  ): Promise<KeyRecord | null> {
    const { records, cache, policies, vaults, auditKeyChange, clock, newId } = this.#settings;
    const policy = policyOf(policies, purpose);
    const { algorithm } = policy;
    const id = newId();
    const made = await vaults.active.makeKey(id, algorithm);
    const record: KeyRecord = {
      id,
      purpose,
      version: (previous?.version ?? 0) + 1,
      algorithm,
      vault: vaults.activeName,
      ...made,
      createdAt: currentFrom ?? clock(),
      currentFrom,
      acceptedUntil: currentFrom === null ? null : endOfLife(policy, currentFrom),
      destroyedAt: null,
    };
    const outcome = await records.addKey(record, auditKeyChange("make", record, facts));
    cache.clear();
    if (outcome === "added") return record;
    await vaults.active.destroyKey?.(record);
    return null;
  }

  /** Whether the vault holds the key of the record. One that was lost, or whose record was altered, is superseded. */
  async #isHeld(key: KeyRecord): Promise<boolean> {
    try {
      await this.#settings.prove(key);
      return true;
    } catch (error) {
      if (error instanceof LinchpinError && error.code === "settings_invalid") return false;
      throw error;
    }
  }

  async #find(id: string): Promise<ListedKey> {
    const { cache, clock } = this.#settings;
    cache.clear();
    const records = await cache.list();
    const key = records.find((record) => record.id === id);
    if (key === undefined) throw new LinchpinError("not_found", { reason: "no key has this id" });
    return { ...key, state: stateOf(key, records, clock()) };
  }
}

function throwConflict(): never {
  throw new LinchpinError("conflict", { reason: "another server changed this key just now" });
}

/** How much later than planned another server's timer may read the records again. */
const timerToleranceMs = 100;
