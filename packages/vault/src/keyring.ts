import { randomBytes, randomUUID } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { KeyRecord, KeyRecords } from "./key-records.ts";
import type { KeyAlgorithm, MacVault, SigningVault, Vault } from "./vault.ts";

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
}

/** What a key computed, with the id of that key. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/** A key as the operator sees it. */
export interface ListedKey extends KeyRecord {
  readonly state: "current" | "accepted" | "retired";
}

/**
 * Keys by purpose and version: the latest is published and used, earlier ones are accepted until their overlap ends.
 * What another server rotates is seen here after `cacheMs`; a key id not seen before is looked up sooner.
 *
 * Every method rejects with `unavailable` when the records or the vault can not be reached, and with `not_found` for
 * a purpose that the keyring was not made with.
 */
export class Keyring {
  readonly #vault: Vault & Partial<MacVault & SigningVault>;
  readonly #source: KeyRecords;
  readonly #purposes: ReadonlyMap<string, KeyPurpose>;
  readonly #clock: () => Date;
  readonly #newId: () => string;
  readonly #cacheMs: number;
  readonly #random: (lengthBytes: number) => Uint8Array;
  readonly #beingMade = new Map<string, Promise<KeyRecord | null>>();
  #cache: { readonly readAt: number; readonly records: Promise<readonly KeyRecord[]> } | null = null;

  constructor(settings: {
    vault: Vault & Partial<MacVault & SigningVault>;
    records: KeyRecords;
    purposes: Readonly<Record<string, KeyPurpose>>;
    clock?: () => Date;
    newId?: () => string;
    random?: (lengthBytes: number) => Uint8Array;
    cacheMs?: number;
  }) {
    this.#vault = settings.vault;
    this.#source = settings.records;
    this.#purposes = new Map(Object.entries(settings.purposes));
    this.#clock = settings.clock ?? (() => new Date());
    this.#newId = settings.newId ?? randomUUID;
    this.#random = settings.random ?? randomBytes;
    this.#cacheMs = settings.cacheMs ?? 1000;
  }

  /**
   * Makes the first key of every purpose that has none, all at once, and uses every latest key once, so that a vault
   * that does not fit the records shows at the start. Several servers may do so at once.
   *
   * @throws LinchpinError `settings_invalid`: the vault's settings do not fit the records.
   */
  async ensure(): Promise<void> {
    await Promise.all(
      [...this.#purposes.keys()].map(async (purpose) => {
        const [newest] = await this.#versions(purpose);
        if (newest === undefined) await this.#add(purpose, null);
        await this.#tryOut(await this.current(purpose));
      }),
    );
  }

  /** Every key there is, retired ones and those of forgotten purposes too; by purpose, newest first. */
  async list(): Promise<ListedKey[]> {
    const records = await this.#records();
    return records.map((record) => ({ ...record, state: this.#state(record, records) }));
  }

  /**
   * The latest key of a purpose. One whose life ends soon has a next one first.
   *
   * @throws LinchpinError `internal`: it has none, `ensure` has not run.
   */
  async current(purpose: string): Promise<KeyRecord> {
    const [newest] = await this.#versions(purpose);
    if (newest === undefined) throw new LinchpinError("internal", { reason: "this purpose has no key yet" });
    if (!this.#endsSoon(newest)) return newest;
    return (await this.#addOnce(newest)) ?? this.current(purpose);
  }

  /** The keys of a purpose that are accepted now, newest first; what another server made shows after `maxAgeMs`. */
  async accepted(purpose: string, maxAgeMs = this.#cacheMs): Promise<KeyRecord[]> {
    const versions = await this.#versions(purpose, Math.min(this.#cacheMs, maxAgeMs));
    return versions.filter((record) => this.#state(record, versions) !== "retired");
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
    if (this.#state(record, versions) === "retired") throw new LinchpinError("key_expired");
    return record;
  }

  /** `Vault.unwrap` by the key of this id. @throws as `find` does; never for what `wrapped` holds. */
  async unwrap(purpose: string, keyId: string, wrapped: Uint8Array, lengthBytes: number): Promise<Uint8Array> {
    return this.#vault.unwrap(await this.find(purpose, keyId), wrapped, lengthBytes);
  }

  /**
   * `Vault.unwrap` where the message names no key: by every key that is accepted now, one after the other, so that the
   * work tells nothing but how many there are. A wrong key fits once in 30 million times, and then opens nothing.
   * `keyId` is the newest of them, which is accepted the longest.
   *
   * @throws LinchpinError `key_expired`: the last key's life is over, and no next one was asked for.
   */
  async unwrapByAny(purpose: string, wrapped: Uint8Array, lengthBytes: number): Promise<Sealed> {
    // As in `find`: the key may have been made on another server just now.
    const accepted = await this.accepted(purpose, unknownIdCacheMs);
    const [newest] = accepted;
    if (newest === undefined) throw new LinchpinError("key_expired");
    let bytes = this.#random(lengthBytes);
    for (const record of accepted) {
      const otherwise = bytes;
      bytes = await this.#vault.unwrap(record, wrapped, lengthBytes, otherwise);
      otherwise.fill(0);
    }
    return { keyId: newest.id, bytes };
  }

  /** `Vault.seal` by the latest key. */
  async seal(purpose: string, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Sealed> {
    const key = await this.current(purpose);
    return { keyId: key.id, bytes: await this.#vault.seal(key, plaintext, associatedData) };
  }

  /** What `seal` took. @throws as `find` does, and LinchpinError `decryption_failed` when anything differs. */
  async open(purpose: string, sealed: Sealed, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#vault.open(await this.find(purpose, sealed.keyId), sealed.bytes, associatedData);
  }

  /**
   * `MacVault.mac` by the latest key; or, to compare with a mac made before, by the key of this id.
   *
   * @throws LinchpinError as `find` does; `internal`: this vault has no mac.
   */
  async mac(purpose: string, data: Uint8Array, keyId?: string): Promise<Sealed> {
    if (this.#vault.mac === undefined) throw new LinchpinError("internal", { reason: "this vault has no mac" });
    const key = keyId === undefined ? await this.current(purpose) : await this.find(purpose, keyId);
    return { keyId: key.id, bytes: await this.#vault.mac(key, data) };
  }

  /** `SigningVault.sign` by the latest key. @throws LinchpinError `internal`: this vault does not sign. */
  async sign(purpose: string, data: Uint8Array): Promise<Sealed> {
    if (this.#vault.sign === undefined) throw new LinchpinError("internal", { reason: "this vault does not sign" });
    const key = await this.current(purpose);
    return { keyId: key.id, bytes: await this.#vault.sign(key, data) };
  }

  /**
   * Makes the next version of a purpose's key; the one before is accepted for `overlapMs` from now, or for the rest of
   * its life.
   *
   * @throws LinchpinError `conflict`: another server rotated it at the same moment.
   */
  async rotate(purpose: string): Promise<KeyRecord> {
    this.#cache = null;
    const [newest] = await this.#versions(purpose);
    if (newest === undefined) throw new LinchpinError("internal", { reason: "this purpose has no key yet" });
    const added = await this.#add(purpose, newest);
    if (added === null) throw new LinchpinError("conflict", { reason: "another server rotated this key just now" });
    return added;
  }

  /** Null when another server was first; the key made for it is then in no record and so of no use. */
  async #add(purpose: string, previous: KeyRecord | null): Promise<KeyRecord | null> {
    const { algorithm, overlapMs, lifetimeMs } = this.#purpose(purpose);
    const id = this.#newId();
    const made = await this.#vault.makeKey(id, algorithm);
    const createdAt = this.#clock();
    const record: KeyRecord = {
      id,
      purpose,
      version: (previous?.version ?? 0) + 1,
      algorithm,
      ...made,
      createdAt,
      acceptedUntil: lifetimeMs === undefined ? null : endOfDay(createdAt.getTime() + lifetimeMs),
    };
    const overlapEnds = overlapMs === null ? null : new Date(createdAt.getTime() + overlapMs);
    const outcome = await this.#source.addKey(record, previous?.acceptedUntil ?? overlapEnds);
    this.#cache = null;
    return outcome === "added" ? record : null;
  }

  /** Who asks while the next version is being made waits for that one. */
  #addOnce(previous: KeyRecord): Promise<KeyRecord | null> {
    const { purpose } = previous;
    const underWay = this.#beingMade.get(purpose);
    if (underWay !== undefined) return underWay;
    const adding = this.#add(purpose, previous).finally(() => this.#beingMade.delete(purpose));
    this.#beingMade.set(purpose, adding);
    return adding;
  }

  #endsSoon({ purpose, acceptedUntil }: KeyRecord): boolean {
    const { overlapMs } = this.#purpose(purpose);
    return acceptedUntil !== null && acceptedUntil.getTime() - (overlapMs ?? 0) <= this.#clock().getTime();
  }

  async #tryOut(key: KeyRecord): Promise<void> {
    const nothing = new Uint8Array();
    if (key.algorithm === "RSA-OAEP-256" || key.algorithm === "RSA-PKCS1") await this.#vault.unwrap(key, nothing, 0);
    if (key.algorithm === "A256GCM") await this.#vault.seal(key, nothing, nothing);
    if (key.algorithm === "HS256") await this.mac(key.purpose, nothing);
    if (key.algorithm === "ES256") await this.sign(key.purpose, nothing);
  }

  #state(record: KeyRecord, records: readonly KeyRecord[]): ListedKey["state"] {
    if (record.acceptedUntil !== null && record.acceptedUntil <= this.#clock()) return "retired";
    const isNewest = records.every(({ purpose, version }) => purpose !== record.purpose || version <= record.version);
    return isNewest ? "current" : "accepted";
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

const unknownIdCacheMs = 100;
const dayMs = 24 * 60 * 60 * 1000;
