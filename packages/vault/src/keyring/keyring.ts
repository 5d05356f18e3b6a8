import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import type { DestroyingVault, KeyAlgorithm, MacVault, SigningVault, Vault } from "../vault.ts";
import type { KeyNote, KeyRecord, KeyRecords } from "./key-records.ts";

/** What keys are for. */
export interface KeyPurpose {
  readonly algorithm: KeyAlgorithm;
  /** How long an earlier version is accepted after the next one came; null: for ever. */
  readonly overlapMs: number | null;
  /**
   * Where the day is published until which a key is accepted: its life, to the end of its last day, UTC. What was
   * published stays true: a rotation does not shorten it, and the next version comes by itself `overlapMs` before its end.
   */
  readonly lifetimeMs?: number;
  /** How long a version is the current one before the next comes by itself. */
  readonly rotateEveryMs?: number;
}

/** What a key computed, with the id of that key. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

export type KeyState = "pending" | "current" | "accepted" | "retired" | "destroyed";

/** A key as the operator sees it. */
export interface ListedKey extends KeyRecord {
  readonly state: KeyState;
}

/** What is done to a key. `rotate` makes a pending one the current one. */
type KeyAct = "make" | "rotate" | "retire" | "destroy";

/** Says a change as the audit is told it. `facts`: what else is to be told, who asked for it above all. */
export type NoteKeyAct = (act: KeyAct, key: KeyRecord, facts: object) => KeyNote;

type AnyVault = Vault & Partial<MacVault & SigningVault & DestroyingVault>;

interface KeyringSettings {
  readonly records: KeyRecords;
  readonly purposes: Readonly<Record<string, KeyPurpose>>;
  /** Where new keys are made, and the name that their records have of it. */
  readonly vault: AnyVault;
  readonly vaultName?: string;
  /** Where keys are that were made before, by name. */
  readonly formerVaults?: ReadonlyMap<string, AnyVault>;
  readonly note: NoteKeyAct;
  /** `several`: others may act for a moment on what was before; a rotation and a destruction wait for them. */
  readonly servers?: "one" | "several";
  readonly clock?: () => Date;
  readonly newId?: () => string;
  readonly random?: (lengthBytes: number) => Uint8Array;
  readonly pause?: (ms: number) => Promise<unknown>;
  readonly cacheMs?: number;
}

/**
 * Keys by purpose and version: one is current, which is published and used; earlier ones are accepted until their
 * overlap ends; a pending one waits to be current, and opens already what a quicker server published.
 * What another server rotates is seen here after `cacheMs`; a key id not seen before is looked up sooner.
 *
 * Every method rejects with `unavailable` when the records or a vault can not be reached, with `settings_invalid` for
 * a key in a vault that is not set up, and with `not_found` for a purpose that the keyring was not made with.
 */
export class Keyring {
  readonly #vaults: ReadonlyMap<string, AnyVault>;
  readonly #vaultName: string;
  readonly #source: KeyRecords;
  readonly #purposes: ReadonlyMap<string, KeyPurpose>;
  readonly #note: NoteKeyAct;
  readonly #servers: "one" | "several";
  readonly #clock: () => Date;
  readonly #newId: () => string;
  readonly #cacheMs: number;
  readonly #random: (lengthBytes: number) => Uint8Array;
  readonly #pause: (ms: number) => Promise<unknown>;
  #cache: { readonly readAt: number; readonly records: Promise<readonly KeyRecord[]> } | null = null;

  constructor(settings: KeyringSettings) {
    this.#vaultName = settings.vaultName ?? "software";
    this.#vaults = new Map([...(settings.formerVaults ?? []), [this.#vaultName, settings.vault]]);
    this.#source = settings.records;
    this.#purposes = new Map(Object.entries(settings.purposes));
    this.#note = settings.note;
    this.#servers = settings.servers ?? "several";
    this.#clock = settings.clock ?? (() => new Date());
    this.#newId = settings.newId ?? randomUUID;
    this.#random = settings.random ?? randomBytes;
    this.#pause = settings.pause ?? sleep;
    this.#cacheMs = settings.cacheMs ?? 1000;
  }

  /**
   * Makes the first key of every purpose that has none, all at once, and uses every current key once, so that a vault
   * that does not fit the records shows at the start. Several servers may do so at once.
   *
   * @throws LinchpinError `settings_invalid`: the vault's settings do not fit the records, or a key that is still
   *   needed is in a vault that is not set up.
   */
  async ensure(): Promise<void> {
    await Promise.all(
      [...this.#purposes.keys()].map(async (purpose) => {
        if ((await this.#newest(purpose)) === undefined) await this.#add(purpose, null, this.#clock());
      }),
    );
    await this.rotateDue();
    const records = await this.#records();
    for (const record of records) if (!hasEnded(this.#state(record, records))) this.#vaultOf(record);
    await this.tryOut();
  }

  /**
   * Uses the current key of every purpose that has one.
   *
   * @throws LinchpinError `settings_invalid`: the vault's settings do not fit the records.
   */
  async tryOut(): Promise<void> {
    await Promise.all(
      [...this.#purposes.keys()].map(async (purpose) => {
        const newest = await this.#newest(purpose);
        if (newest !== undefined) await this.#use(newest);
      }),
    );
  }

  /** Rotates what its life or its purpose's schedule says. Where several servers do so at once, one of them does it. */
  async rotateDue(): Promise<void> {
    for (const purpose of this.#purposes.keys()) {
      const newest = await this.#newest(purpose);
      if (newest !== undefined && this.#isDue(newest)) await this.rotate(purpose).catch(passIfConflict);
    }
  }

  /** Every key there is, destroyed ones and those of forgotten purposes too; by purpose, newest first. */
  async list(): Promise<ListedKey[]> {
    const records = await this.#records();
    return records.map((record) => ({ ...record, state: this.#state(record, records) }));
  }

  /** Whether the keyring was made with this purpose. */
  uses(purpose: string): boolean {
    return this.#purposes.has(purpose);
  }

  /** Whether the key is in the vault where new keys are made. */
  isAtHome({ vault }: KeyRecord): boolean {
    return vault === this.#vaultName;
  }

  /** Until when a key would be accepted if it were rotated now; null: for ever. */
  endIfRotated({ purpose, acceptedUntil }: KeyRecord): Date | null {
    const overlapMs = this.#purposes.get(purpose)?.overlapMs ?? null;
    if (acceptedUntil !== null || overlapMs === null) return acceptedUntil;
    return new Date(this.#clock().getTime() + overlapMs);
  }

  /**
   * The current key of a purpose.
   *
   * @throws LinchpinError `internal`: it has none, `ensure` has not run; `unavailable`: its life is over, and no next
   *   one could be made.
   */
  async current(purpose: string): Promise<KeyRecord> {
    let newest = await this.#newest(purpose);
    if (newest === undefined) throw new LinchpinError("internal", { reason: "this purpose has no key yet" });
    if (!this.#isOver(newest)) return newest;
    // Nobody rotated it in time, as where all servers slept.
    await this.rotate(purpose).catch(passIfConflict);
    newest = await this.#newest(purpose);
    if (newest === undefined || this.#isOver(newest))
      throw new LinchpinError("unavailable", { reason: "the last key's life is over" });
    return newest;
  }

  /** The current key of a purpose, and those before it that are accepted now, newest first. */
  async accepted(purpose: string): Promise<KeyRecord[]> {
    const versions = await this.#versions(purpose);
    return versions.filter((record) => isPublished(this.#state(record, versions)));
  }

  /** These and the pending one: what another server may use by now. What it made shows after `maxAgeMs`. */
  async usable(purpose: string, maxAgeMs = this.#cacheMs): Promise<KeyRecord[]> {
    const versions = await this.#versions(purpose, Math.min(this.#cacheMs, maxAgeMs));
    return versions.filter((record) => !hasEnded(this.#state(record, versions)));
  }

  /**
   * The key of this purpose and id.
   *
   * @throws LinchpinError `key_unknown`: no key of this purpose has this id; `key_expired`: its overlap is over.
   */
  async find(purpose: string, keyId: string): Promise<KeyRecord> {
    const ofId = (record: KeyRecord) => record.id === keyId;
    let versions = await this.#versions(purpose);
    // Another server may have made it just now; the age keeps made-up ids from costing a query each.
    if (!versions.some(ofId)) versions = await this.#versions(purpose, Math.min(this.#cacheMs, unknownIdCacheMs));
    const record = versions.find(ofId);
    if (record === undefined) throw new LinchpinError("key_unknown");
    if (hasEnded(this.#state(record, versions))) throw new LinchpinError("key_expired");
    return record;
  }

  /** `Vault.unwrap` by the key of this id. @throws as `find` does; never for what `wrapped` holds. */
  async unwrap(purpose: string, keyId: string, wrapped: Uint8Array, lengthBytes: number): Promise<Uint8Array> {
    const key = await this.find(purpose, keyId);
    return this.#vaultOf(key).unwrap(key, wrapped, lengthBytes);
  }

  /**
   * `Vault.unwrap` where the message names no key: by every key that is usable now, one after the other, so that the
   * work tells nothing but how many there are. A wrong key fits once in 30 million times, and then opens nothing.
   * `keyId` is the newest of them, which is accepted the longest.
   *
   * @throws LinchpinError `key_expired`: the last key's life is over, and no next one was asked for.
   */
  async unwrapByAny(purpose: string, wrapped: Uint8Array, lengthBytes: number): Promise<Sealed> {
    // As in `find`: the key may have been made on another server just now.
    const usable = await this.usable(purpose, unknownIdCacheMs);
    const [newest] = usable;
    if (newest === undefined) throw new LinchpinError("key_expired");
    let bytes = this.#random(lengthBytes);
    for (const record of usable) {
      const otherwise = bytes;
      bytes = await this.#vaultOf(record).unwrap(record, wrapped, lengthBytes, otherwise);
      otherwise.fill(0);
    }
    return { keyId: newest.id, bytes };
  }

  /** `Vault.seal` by the current key. */
  async seal(purpose: string, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Sealed> {
    const key = await this.current(purpose);
    return { keyId: key.id, bytes: await this.#vaultOf(key).seal(key, plaintext, associatedData) };
  }

  /**
   * What `seal` took. Where old versions open for ever, one that was retired opens for a minute more: for requests that
   * had read what it sealed before that was sealed anew.
   *
   * @throws as `find` does, and LinchpinError `decryption_failed` when anything differs.
   */
  async open(purpose: string, sealed: Sealed, associatedData: Uint8Array): Promise<Uint8Array> {
    const key = (await this.#retiredJustNow(purpose, sealed.keyId)) ?? (await this.find(purpose, sealed.keyId));
    return this.#vaultOf(key).open(key, sealed.bytes, associatedData);
  }

  /** The same, sealed by the current key. A retired key opens it too. @throws as `open` does */
  async reseal(purpose: string, sealed: Sealed, associatedData: Uint8Array): Promise<Sealed> {
    const key = (await this.#versions(purpose)).find(({ id, destroyedAt }) => id === sealed.keyId && !destroyedAt);
    if (key === undefined) throw new LinchpinError("key_unknown");
    const plaintext = await this.#vaultOf(key).open(key, sealed.bytes, associatedData);
    try {
      return await this.seal(purpose, plaintext, associatedData);
    } finally {
      plaintext.fill(0);
    }
  }

  /**
   * `MacVault.mac` by the current key; or, to compare with a mac made before, by the key of this id.
   *
   * @throws LinchpinError as `find` does; `internal`: this vault has no mac.
   */
  async mac(purpose: string, data: Uint8Array, keyId?: string): Promise<Sealed> {
    const key = keyId === undefined ? await this.current(purpose) : await this.find(purpose, keyId);
    const vault = this.#vaultOf(key);
    if (vault.mac === undefined) throw new LinchpinError("internal", { reason: "this vault has no mac" });
    return { keyId: key.id, bytes: await vault.mac(key, data) };
  }

  /** `SigningVault.sign` by the current key. @throws LinchpinError `internal`: this vault does not sign. */
  async sign(purpose: string, data: Uint8Array): Promise<Sealed> {
    const key = await this.current(purpose);
    const vault = this.#vaultOf(key);
    if (vault.sign === undefined) throw new LinchpinError("internal", { reason: "this vault does not sign" });
    return { keyId: key.id, bytes: await vault.sign(key, data) };
  }

  /**
   * Makes the next version of a purpose's key, which waits as pending; one that waits already is it.
   *
   * @throws LinchpinError `conflict`: another server made one at the same moment.
   */
  async make(purpose: string, facts: object = {}): Promise<KeyRecord> {
    this.#cache = null;
    const versions = await this.#versions(purpose);
    const [latest] = versions;
    if (latest === undefined) throw new LinchpinError("internal", { reason: "this purpose has no key yet" });
    if (this.#state(latest, versions) === "pending" && this.isAtHome(latest)) return latest;
    return (await this.#add(purpose, latest, null, facts)) ?? throwConflict();
  }

  /**
   * Makes the pending key of a purpose current, or a new one where none is pending; the one before is accepted for
   * `overlapMs` from now, or for the rest of its life.
   *
   * @throws LinchpinError `conflict`: another server rotated it at the same moment.
   */
  async rotate(purpose: string, facts: object = {}): Promise<KeyRecord> {
    const pending = await this.make(purpose, facts);
    // Until every server opens by it, none may publish it.
    if (this.#servers === "several") await this.#pause(this.#cacheMs + spreadMs);
    const { overlapMs } = this.#purpose(purpose);
    const currentFrom = this.#clock();
    const current = { ...pending, currentFrom, acceptedUntil: this.#endOfLife(purpose, currentFrom) };
    const terms = {
      currentFrom,
      acceptedUntil: current.acceptedUntil,
      previousAcceptedUntil: overlapMs === null ? null : new Date(currentFrom.getTime() + overlapMs),
    };
    const outcome = await this.#source.makeKeyCurrent(pending.id, terms, this.#note("rotate", current, facts));
    this.#cache = null;
    return outcome === "made" ? current : throwConflict();
  }

  /**
   * Ends a key's acceptance before its time. The current key can not be, unless its purpose is one that the keyring
   * was not made with; nor can a pending one.
   *
   * @throws LinchpinError `not_found`: no such key; `conflict`: it is not accepted.
   */
  async retire(
    id: string,
    { forceRecovery = false }: { forceRecovery?: boolean } = {},
    facts: object = {},
  ): Promise<"retired" | "in_use"> {
    const key = await this.#listed(id);
    if (key.state !== "accepted" && (key.state !== "current" || this.#purposes.has(key.purpose)))
      throw new LinchpinError("conflict", { reason: `the key is ${key.state}: only an accepted one can be retired` });
    const at = this.#clock();
    const note = this.#note("retire", { ...key, acceptedUntil: at }, facts);
    const outcome = await this.#source.retireKey(id, { at, forceRecovery }, note);
    this.#cache = null;
    return outcome === "conflict" ? throwConflict() : outcome;
  }

  /**
   * Destroys a retired key for good; its record stays. Once more for one whose vault could not be reached meanwhile.
   *
   * @throws LinchpinError `not_found`: no such key; `conflict`: it is not retired, or not yet for a minute.
   */
  async destroy(id: string, facts: object = {}): Promise<"destroyed" | "in_use"> {
    const key = await this.#listed(id);
    if (key.state !== "destroyed") {
      const outcome = await this.#markDestroyed(key, facts);
      if (outcome === "in_use") return outcome;
    }
    if (key.handle.length > 0) {
      await this.#vaultOf(key).destroyKey?.(key);
      await this.#source.eraseKeyHandle(id);
      this.#cache = null;
    }
    return "destroyed";
  }

  async #markDestroyed(key: ListedKey, facts: object): Promise<"destroyed" | "in_use"> {
    if (key.state !== "retired")
      throw new LinchpinError("conflict", { reason: `the key is ${key.state}: only a retired one can be destroyed` });
    const at = this.#clock();
    const retiredBefore = new Date(at.getTime() - (this.#servers === "several" ? underWayMs : 0));
    const note = this.#note("destroy", { ...key, destroyedAt: at }, facts);
    const outcome = await this.#source.destroyKey(key.id, { at, retiredBefore }, note);
    this.#cache = null;
    if (outcome !== "conflict") return outcome;
    throw new LinchpinError("conflict", { reason: "the key was retired just now: requests may be under way" });
  }

  /** Null when another server was first; the key made for it is then in no record and so of no use. */
  async #add(
    purpose: string,
    previous: KeyRecord | null,
    currentFrom: Date | null,
    facts: object = {},
  ): Promise<KeyRecord | null> {
    const { algorithm } = this.#purpose(purpose);
    const id = this.#newId();
    const vault = this.#vaultNamed(this.#vaultName);
    const made = await vault.makeKey(id, algorithm);
    const record: KeyRecord = {
      id,
      purpose,
      version: (previous?.version ?? 0) + 1,
      algorithm,
      vault: this.#vaultName,
      ...made,
      createdAt: currentFrom ?? this.#clock(),
      currentFrom,
      acceptedUntil: currentFrom === null ? null : this.#endOfLife(purpose, currentFrom),
      destroyedAt: null,
    };
    const outcome = await this.#source.addKey(record, this.#note("make", record, facts));
    this.#cache = null;
    if (outcome === "added") return record;
    await vault.destroyKey?.(record);
    return null;
  }

  #endOfLife(purpose: string, from: Date): Date | null {
    const { lifetimeMs } = this.#purpose(purpose);
    return lifetimeMs === undefined ? null : endOfDay(from.getTime() + lifetimeMs);
  }

  #isDue({ purpose, acceptedUntil, currentFrom }: KeyRecord): boolean {
    const { overlapMs, rotateEveryMs } = this.#purpose(purpose);
    const now = this.#clock().getTime();
    const endsSoon = acceptedUntil !== null && acceptedUntil.getTime() - (overlapMs ?? 0) <= now;
    return endsSoon || (rotateEveryMs !== undefined && (currentFrom?.getTime() ?? now) + rotateEveryMs <= now);
  }

  #isOver({ acceptedUntil }: KeyRecord): boolean {
    return acceptedUntil !== null && acceptedUntil <= this.#clock();
  }

  async #use(key: KeyRecord): Promise<void> {
    const nothing = new Uint8Array();
    const wraps = key.algorithm === "RSA-OAEP-256" || key.algorithm === "RSA-PKCS1";
    if (wraps) await this.#vaultOf(key).unwrap(key, nothing, 0);
    if (key.algorithm === "A256GCM") await this.#vaultOf(key).seal(key, nothing, nothing);
    if (key.algorithm === "HS256") await this.mac(key.purpose, nothing);
    if (key.algorithm === "ES256") await this.sign(key.purpose, nothing);
  }

  #state(record: KeyRecord, records: readonly KeyRecord[]): KeyState {
    if (record.destroyedAt !== null) return "destroyed";
    if (this.#isOver(record)) return "retired";
    if (record.currentFrom === null) return "pending";
    const isNewest = records.every(
      ({ purpose, version, currentFrom }) =>
        purpose !== record.purpose || version <= record.version || currentFrom === null,
    );
    return isNewest ? "current" : "accepted";
  }

  async #retiredJustNow(purpose: string, keyId: string): Promise<KeyRecord | undefined> {
    if (this.#purpose(purpose).overlapMs !== null) return undefined;
    const openUntil = this.#clock().getTime() - underWayMs;
    return (await this.#versions(purpose)).find(
      ({ id, acceptedUntil, destroyedAt }) =>
        id === keyId && destroyedAt === null && acceptedUntil !== null && acceptedUntil.getTime() > openUntil,
    );
  }

  /** The latest key that was made current. */
  async #newest(purpose: string): Promise<KeyRecord | undefined> {
    return (await this.#versions(purpose)).find(({ currentFrom }) => currentFrom !== null);
  }

  async #listed(id: string): Promise<ListedKey> {
    this.#cache = null;
    const key = (await this.list()).find((listed) => listed.id === id);
    if (key === undefined) throw new LinchpinError("not_found", { reason: "no key has this id" });
    return key;
  }

  async #versions(purpose: string, maxAgeMs?: number): Promise<KeyRecord[]> {
    this.#purpose(purpose);
    return (await this.#records(maxAgeMs)).filter((record) => record.purpose === purpose);
  }

  #purpose(name: string): KeyPurpose {
    const purpose = this.#purposes.get(name);
    if (purpose === undefined) throw new LinchpinError("not_found", { reason: "there are no keys of this purpose" });
    return purpose;
  }

  #vaultOf({ vault }: KeyRecord): AnyVault {
    return this.#vaultNamed(vault);
  }

  #vaultNamed(name: string): AnyVault {
    const vault = this.#vaults.get(name);
    if (vault !== undefined) return vault;
    throw new LinchpinError("settings_invalid", {
      reason: `keys that are still needed are in the vault ${name}: set LINCHPIN_FORMER_VAULT to it`,
    });
  }

  /** All records, at most so old. Calls that come while they are read share the one query. */
  #records(maxAgeMs = this.#cacheMs): Promise<readonly KeyRecord[]> {
    const now = this.#clock().getTime();
    const ageMs = this.#cache === null ? Number.POSITIVE_INFINITY : now - this.#cache.readAt;
    // Below zero the clock was set back.
    if (this.#cache !== null && ageMs >= 0 && ageMs < maxAgeMs) return this.#cache.records;
    const reading = { readAt: now, records: this.#source.listKeys().then(newestFirst) };
    this.#cache = reading;
    reading.records.catch(() => {
      if (this.#cache === reading) this.#cache = null;
    });
    return reading.records;
  }
}

function newestFirst(records: readonly KeyRecord[]): KeyRecord[] {
  return records.toSorted((a, b) => a.purpose.localeCompare(b.purpose) || b.version - a.version);
}

/** Of the day, UTC, in which `atMs` falls. */
function endOfDay(atMs: number): Date {
  return new Date(Math.floor(atMs / dayMs) * dayMs + dayMs - 1);
}

function isPublished(state: KeyState): boolean {
  return state === "current" || state === "accepted";
}

function hasEnded(state: KeyState): boolean {
  return state === "retired" || state === "destroyed";
}

function throwConflict(): never {
  throw new LinchpinError("conflict", { reason: "another server changed this key just now" });
}

function passIfConflict(error: unknown): void {
  if (!(error instanceof LinchpinError && error.code === "conflict")) throw error;
}

const unknownIdCacheMs = 100;
/** Beyond the age of what other servers remember: for their timers. */
const spreadMs = 100;
/** Longer than a request takes, and than another server's clock is off. */
const underWayMs = 60_000;
const dayMs = 24 * 60 * 60 * 1000;
