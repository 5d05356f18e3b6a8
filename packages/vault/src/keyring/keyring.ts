import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import type { AnyVault } from "../vault.ts";
import { type AuditKeyChange, KeyLifeCycle } from "./key-life-cycle.ts";
import { checkAlgorithms, endOfGracePeriod, type KeyPolicies, type KeyPolicy, policyOf } from "./key-policy.ts";
import { KeyRecordCache } from "./key-record-cache.ts";
import type { KeyRecord, KeyRecords, OutboxEntry, Sealed } from "./key-records.ts";
import {
  endedAfter,
  hasEnded,
  isOver,
  type ListedKey,
  latestCurrent,
  maxRequestDurationMs,
  publishedKeys,
  stateOf,
  usableKeys,
} from "./key-states.ts";
import { LateKeys } from "./late-keys.ts";
import { ProvenKeys } from "./proven-keys.ts";
import { VaultSet } from "./vault-set.ts";

interface KeyringSettings {
  readonly records: KeyRecords;
  /** The policy of every key purpose, by the purpose's name. */
  readonly purposes: Readonly<Record<string, KeyPolicy>>;
  /** The vault in which new keys are made, and its name in key records (default: `software`). */
  readonly vault: AnyVault;
  readonly vaultName?: string;
  /** The vaults that hold earlier keys, by their names in key records. */
  readonly formerVaults?: ReadonlyMap<string, AnyVault>;
  readonly auditKeyChange: AuditKeyChange;
  /** What must be delivered once a rotation has made this key the current one (default: nothing). */
  readonly eventsOfRotation?: (key: KeyRecord) => readonly OutboxEntry[];
  /**
   * Called after a pending key was made, before and after it becomes current, and after a retirement (default: nothing is
   * published). The first key of a purpose is published when the server listens; one that is made later, at once.
   */
  readonly publishKeys?: () => Promise<void>;
  /** How many servers use the records (default: `several`). Several servers need pauses that one does not need. */
  readonly servers?: "one" | "several";
  readonly clock?: () => Date;
  readonly newId?: () => string;
  readonly random?: (lengthBytes: number) => Uint8Array;
  readonly pause?: (ms: number) => Promise<unknown>;
  /** How long key records are used before they are read again (default: 1000). */
  readonly cacheMs?: number;
}

/**
 * Keys by purpose and version. One version is current: it is published and used. Earlier versions are accepted until
 * their grace period ends. A pending version is not published yet; it opens already, because another server may have
 * published it. A change by another server is seen within `cacheMs`; a key id that is not known here is looked up
 * sooner.
 *
 * Every method rejects with `unavailable` when the records or a vault cannot be reached, with `settings_invalid` for a
 * key whose vault is not set up, and with `not_found` for a purpose that the keyring does not have.
 */
export class Keyring {
  readonly #policies: KeyPolicies;
  readonly #vaults: VaultSet;
  readonly #cache: KeyRecordCache;
  readonly #lifeCycle: KeyLifeCycle;
  readonly #lateKeys: LateKeys;
  readonly #provenKeys: ProvenKeys;
  readonly #clock: () => Date;
  readonly #random: (lengthBytes: number) => Uint8Array;

  constructor(settings: KeyringSettings) {
    const { records, auditKeyChange, servers = "several", clock = () => new Date(), cacheMs = 1000 } = settings;
    const { publishKeys = async () => {} } = settings;
    this.#policies = new Map(Object.entries(settings.purposes));
    this.#vaults = new VaultSet(settings.vault, settings.vaultName ?? "software", settings.formerVaults ?? new Map());
    this.#cache = new KeyRecordCache(records, { clock, maxAgeMs: cacheMs });
    this.#provenKeys = new ProvenKeys(this.#vaults);
    this.#lifeCycle = new KeyLifeCycle({
      records,
      cache: this.#cache,
      policies: this.#policies,
      vaults: this.#vaults,
      prove: (key) => this.prove(key),
      auditKeyChange,
      eventsOfRotation: settings.eventsOfRotation ?? (() => []),
      publishKeys,
      servers,
      clock,
      newId: settings.newId ?? randomUUID,
      pause: settings.pause ?? sleep,
    });
    this.#lateKeys = new LateKeys((purpose) => this.#lifeCycle.makeFirst(purpose).then(publishKeys));
    this.#clock = clock;
    this.#random = settings.random ?? randomBytes;
  }

  /**
   * Makes the first key of every purpose that has none, rotates the keys that are due, and uses every current key
   * once, so that a vault that does not fit the records is noticed at the start. Several servers may call it at once.
   *
   * @param leavesSlowKeys leaves the first keys whose policy is `isSlowToMake` to `makeLateKeys`, or to the first method
   *   that needs one and then waits for it (default: false). `list` does not wait.
   * @throws LinchpinError `settings_invalid`: the vault declines an algorithm that a purpose needs, the vault's settings
   *   do not fit the records, or a key that is still needed is in a vault that is not set up
   */
  async ensure({ leavesSlowKeys = false }: { leavesSlowKeys?: boolean } = {}): Promise<void> {
    this.#checkAlgorithms();
    await Promise.all(
      [...this.#policies].map(async ([purpose, { isSlowToMake = false }]) => {
        if (latestCurrent(await this.#cache.versions(purpose)) !== undefined) return;
        if (leavesSlowKeys && isSlowToMake) this.#lateKeys.leave(purpose);
        else await this.#lifeCycle.makeFirst(purpose);
      }),
    );
    await this.rotateDue();
    for (const record of usableKeys(await this.#cache.list(), this.#clock())) this.#vaults.vaultOf(record);
    await this.tryOut();
  }

  /**
   * Uses the current key of every purpose once, where the purpose has one and this keyring has not proven it before.
   *
   * @throws LinchpinError `settings_invalid`: the vault declines an algorithm that a purpose needs, the vault's settings
   *   do not fit the records, or a public half is not of its private half
   */
  async tryOut(): Promise<void> {
    this.#checkAlgorithms();
    await Promise.all(
      [...this.#policies.keys()].map(async (purpose) => {
        const key = latestCurrent(await this.#cache.versions(purpose));
        if (key !== undefined) await this.#provenKeys.prove(key);
      }),
    );
  }

  /**
   * Has the vault show that it holds the private half of the public half in this record, before that is published. A
   * record that was proven is not proven again as long as it stays the same.
   *
   * @throws LinchpinError `settings_invalid`: the record was altered, or its vault has no such key
   */
  prove(key: KeyRecord): Promise<void> {
    return this.#provenKeys.prove(key);
  }

  /** Makes and publishes the first keys that `ensure` left. One that cannot be made is tried again by the next call. */
  makeLateKeys(): Promise<void> {
    return this.#lateKeys.makeAll();
  }

  /**
   * Rotates every key that is due, by its lifetime or by the rotation schedule. Where several servers do so at once,
   * each key is rotated once.
   */
  rotateDue(): Promise<void> {
    return this.#lifeCycle.rotateDue();
  }

  /**
   * Every key with its state, also destroyed keys and keys of purposes that the keyring does not have; by purpose,
   * newest version first. A change by another server is seen within `maxAgeMs`, if that is given.
   */
  async list(maxAgeMs?: number): Promise<ListedKey[]> {
    const records = await this.#cache.list(maxAgeMs);
    return records.map((record) => ({ ...record, state: stateOf(record, records, this.#clock()) }));
  }

  /** Where the key records were replaced: the next use reads them again. */
  forget(): void {
    this.#cache.clear();
  }

  /** Whether the keyring has this purpose. */
  uses(purpose: string): boolean {
    return this.#policies.has(purpose);
  }

  /** How many versions of a purpose serve beside one another. */
  parallelVersions(purpose: string): number {
    return this.#policies.get(purpose)?.parallelVersions ?? 1;
  }

  /** Whether the key is in the vault in which new keys are made. */
  isInActiveVault(key: KeyRecord): boolean {
    return this.#vaults.isInActiveVault(key);
  }

  /** When the key's acceptance would end if it were rotated now; null: never. */
  endIfRotated({ purpose, acceptedUntil }: KeyRecord): Date | null {
    const policy = this.#policies.get(purpose);
    if (acceptedUntil !== null || policy === undefined) return acceptedUntil;
    return endOfGracePeriod(policy, this.#clock());
  }

  /**
   * The current key of a purpose. A key whose lifetime has ended is rotated first, as after a time in which no server
   * ran.
   *
   * @throws LinchpinError `internal`: the purpose has no key, because `ensure` has not run; `unavailable`: the
   *   lifetime of the last key has ended, and the next one could not be made
   */
  async current(purpose: string): Promise<KeyRecord> {
    let key = await this.#latestCurrent(purpose);
    if (key === undefined) throw new LinchpinError("internal", { reason: "this purpose has no key yet" });
    if (!isOver(key, this.#clock())) return key;
    await this.#lifeCycle.rotateUnlessConflict(purpose);
    key = await this.#latestCurrent(purpose);
    if (key === undefined || isOver(key, this.#clock()))
      throw new LinchpinError("unavailable", { reason: "the last key's life is over" });
    return key;
  }

  /** The published keys of a purpose: the current key and the earlier versions that are accepted now, newest first. */
  async accepted(purpose: string): Promise<KeyRecord[]> {
    return publishedKeys(await this.#versions(purpose), this.#clock());
  }

  /**
   * The published keys of a purpose and the pending one, which another server may have published by now. A key that
   * another server made is seen within `maxAgeMs`.
   */
  async usable(purpose: string, maxAgeMs?: number): Promise<KeyRecord[]> {
    return usableKeys(await this.#versions(purpose, maxAgeMs), this.#clock());
  }

  /**
   * The key of this purpose and id.
   *
   * @throws LinchpinError `key_unknown`: no key of this purpose has this id; `key_expired`: its acceptance has ended
   */
  async find(purpose: string, keyId: string): Promise<KeyRecord> {
    const hasId = (record: KeyRecord) => record.id === keyId;
    let versions = await this.#versions(purpose);
    // Another server may have made the key just now. The minimum age bounds the queries that made-up ids cause.
    if (!versions.some(hasId)) versions = await this.#versions(purpose, unknownIdCacheMs);
    const key = versions.find(hasId);
    if (key === undefined) throw new LinchpinError("key_unknown");
    if (hasEnded(stateOf(key, versions, this.#clock()))) throw new LinchpinError("key_expired");
    return key;
  }

  /**
   * `Vault.unwrap` with the key of this id.
   *
   * @throws LinchpinError as `find` does; never because of the content of `wrapped`
   */
  async unwrap(purpose: string, keyId: string, wrapped: Uint8Array, lengthBytes: number): Promise<Uint8Array> {
    return this.unwrapWith(await this.find(purpose, keyId), wrapped, lengthBytes);
  }

  /** `Vault.unwrap` with a key that `find` or `usable` returned. It never throws for what `wrapped` holds. */
  unwrapWith(key: KeyRecord, wrapped: Uint8Array, lengthBytes: number, fallback?: Uint8Array): Promise<Uint8Array> {
    return this.#vaults.vaultOf(key).unwrap(key, wrapped, lengthBytes, fallback);
  }

  /**
   * `Vault.unwrap` for a message that names no key. It tries every usable key in turn, whichever fits, so that the
   * work reveals nothing but the number of keys. A wrong key seems to fit once in 30 million times; the bytes that it
   * yields then open nothing. `keyId` in the result is the newest key, which is accepted the longest.
   *
   * @throws LinchpinError `key_expired`: the lifetime of the last key has ended, and it was not rotated
   */
  async unwrapByAny(purpose: string, wrapped: Uint8Array, lengthBytes: number): Promise<Sealed> {
    // As in `find`: another server may have made the key just now.
    const usable = await this.usable(purpose, unknownIdCacheMs);
    const [newest] = usable;
    if (newest === undefined) throw new LinchpinError("key_expired");
    let bytes = this.#random(lengthBytes);
    for (const key of usable) {
      const fallback = bytes;
      bytes = await this.#vaults.vaultOf(key).unwrap(key, wrapped, lengthBytes, fallback);
      fallback.fill(0);
    }
    return { keyId: newest.id, bytes };
  }

  /** `Vault.seal` with the current key. @throws LinchpinError as `current` does */
  async seal(purpose: string, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Sealed> {
    const key = await this.current(purpose);
    return { keyId: key.id, bytes: await this.#vaults.vaultOf(key).seal(key, plaintext, associatedData) };
  }

  /**
   * Opens a value that `seal` made. In a purpose whose keys have no grace period that ends, a retired key opens for a
   * minute more: for requests that read a value before it was re-encrypted.
   *
   * @throws LinchpinError as `find` does; `decryption_failed`: the value or the associated data differs
   */
  async open(purpose: string, sealed: Sealed, associatedData: Uint8Array): Promise<Uint8Array> {
    const key = (await this.#retiredJustNow(purpose, sealed.keyId)) ?? (await this.find(purpose, sealed.keyId));
    return this.#vaults.vaultOf(key).open(key, sealed.bytes, associatedData);
  }

  /**
   * Re-encrypts a value with the current key. A retired key opens the value too.
   *
   * @throws LinchpinError as `seal` does; `key_unknown`: no key of this purpose has the value's key id, or that key is
   *   destroyed; `decryption_failed`: the value or the associated data differs
   */
  async reseal(purpose: string, sealed: Sealed, associatedData: Uint8Array): Promise<Sealed> {
    const key = (await this.#versions(purpose)).find(({ id, destroyedAt }) => id === sealed.keyId && !destroyedAt);
    if (key === undefined) throw new LinchpinError("key_unknown");
    const plaintext = await this.#vaults.vaultOf(key).open(key, sealed.bytes, associatedData);
    try {
      return await this.seal(purpose, plaintext, associatedData);
    } finally {
      plaintext.fill(0);
    }
  }

  /**
   * `MacVault.mac` with the current key; or, to compare with an earlier MAC, with the key of this id.
   *
   * @throws LinchpinError as `find` and `current` do; `internal`: this vault computes no MAC
   */
  async mac(purpose: string, data: Uint8Array, keyId?: string): Promise<Sealed> {
    const key = keyId === undefined ? await this.current(purpose) : await this.find(purpose, keyId);
    return { keyId: key.id, bytes: await this.#vaults.macVaultOf(key).mac(key, data) };
  }

  /** `SigningVault.sign` with the current key. @throws LinchpinError as `current` does; `internal`: this vault does not sign */
  async sign(purpose: string, data: Uint8Array): Promise<Sealed> {
    const key = await this.current(purpose);
    return { keyId: key.id, bytes: await this.#vaults.signingVaultOf(key).sign(key, data) };
  }

  /** `SigningVault.sign` with a key that `find` returned. @throws LinchpinError `internal`: this vault does not sign */
  signWith(key: KeyRecord, data: Uint8Array): Promise<Uint8Array> {
    return this.#vaults.signingVaultOf(key).sign(key, data);
  }

  /**
   * `AgreementVault.agree` with a key that `find` returned. The caller wipes the secret.
   *
   * @throws LinchpinError `public_key_unusable`: no uncompressed point of the curve; `internal`: this vault computes no
   *   agreement
   */
  agreeWith(key: KeyRecord, publicPoint: Uint8Array): Promise<Uint8Array> {
    return this.#vaults.agreementVaultOf(key).agree(key, publicPoint);
  }

  /**
   * Makes the next version of a purpose's key, as a pending key. Where one is pending already, returns that, if its vault
   * holds it.
   *
   * @throws LinchpinError `conflict`: another server made one at the same moment
   */
  async make(purpose: string, facts: object = {}): Promise<KeyRecord> {
    await this.#lateKeys.make(purpose);
    return this.#lifeCycle.make(purpose, facts);
  }

  /**
   * Makes the pending key of a purpose current, or a new one where none is pending. The version before is accepted for
   * `gracePeriodMs` from now, or for the rest of its lifetime.
   *
   * @throws LinchpinError `conflict`: another server rotated it at the same moment
   */
  async rotate(purpose: string, facts: object = {}): Promise<KeyRecord> {
    await this.#lateKeys.make(purpose);
    return this.#lifeCycle.rotate(purpose, facts);
  }

  /**
   * Ends a key's acceptance now. Neither a pending key nor the current key of one of the keyring's purposes can be
   * retired. `in_use`: a stored value needs the key, and nothing was changed.
   *
   * @throws LinchpinError `not_found`: no such key; `conflict`: the key is not accepted
   */
  retire(
    id: string,
    { forceRecovery = false }: { forceRecovery?: boolean } = {},
    facts: object = {},
  ): Promise<"retired" | "in_use"> {
    return this.#lifeCycle.retire(id, forceRecovery, facts);
  }

  /**
   * Destroys a retired key for good; its record stays. A second call completes a destruction during which the vault
   * could not be reached. `in_use`: a stored value needs the key, and nothing was changed.
   *
   * @throws LinchpinError `not_found`: no such key; `conflict`: the key is not retired, or was retired less than a
   *   minute ago while several servers run
   */
  destroy(id: string, facts: object = {}): Promise<"destroyed" | "in_use"> {
    return this.#lifeCycle.destroy(id, facts);
  }

  #checkAlgorithms(): void {
    checkAlgorithms(this.#policies, this.#vaults.active, this.#vaults.activeName);
  }

  async #retiredJustNow(purpose: string, keyId: string): Promise<KeyRecord | undefined> {
    if (policyOf(this.#policies, purpose).gracePeriodMs !== null) return undefined;
    const opensIfEndedAfter = new Date(this.#clock().getTime() - maxRequestDurationMs);
    return (await this.#versions(purpose)).find((key) => key.id === keyId && endedAfter(key, opensIfEndedAfter));
  }

  async #latestCurrent(purpose: string): Promise<KeyRecord | undefined> {
    return latestCurrent(await this.#versions(purpose));
  }

  async #versions(purpose: string, maxAgeMs?: number): Promise<KeyRecord[]> {
    policyOf(this.#policies, purpose);
    await this.#lateKeys.make(purpose);
    return this.#cache.versions(purpose, maxAgeMs);
  }
}

const unknownIdCacheMs = 100;
