import type { KeyAlgorithm } from "../vault.ts";

// Records that the keyring and the store share. The store writes them; nothing here reads or writes anything.

/** Everything that is recorded of a key outside its vault. A record is never deleted. */
export interface KeyRecord {
  readonly id: string;
  readonly purpose: string;
  /** 1, 2, 3 … within a purpose. */
  readonly version: number;
  readonly algorithm: KeyAlgorithm;
  /** Name of the vault that holds the key. */
  readonly vault: string;
  /** DER; null for algorithms that have no public key. */
  readonly publicKeySpki: Uint8Array | null;
  /** Reveals nothing about the key without the vault that made it. Empty once the key is destroyed. */
  readonly handle: Uint8Array;
  readonly createdAt: Date;
  /** When the key became the current one; null while it is pending. */
  readonly currentFrom: Date | null;
  /** When the key's acceptance ends. Null: never, or, for a current key, not before the next version replaces it. */
  readonly acceptedUntil: Date | null;
  readonly destroyedAt: Date | null;
}

/** Bytes that a key computed (a ciphertext, a MAC or a signature), and the id of that key. */
export interface Sealed {
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

/**
 * One event to append to the audit chain. `subject` decides the shard: the id of a card or of a person, or `keys`.
 */
export interface AuditEntry {
  readonly subject: string;
  readonly cardId: string | null;
  readonly occurredAt: Date;
  /** JSON text. It is hashed and returned without any change, and never contains a secret. */
  readonly content: string;
}

/**
 * A message, an event or a webhook's notification that must be delivered. Entries of one `orderingKey` are delivered in
 * the order they were added.
 */
export interface OutboxEntry {
  readonly id: string;
  readonly orderingKey: string;
  readonly topic: "message" | "event" | "webhook";
  /** Of a message: the addressee and the channel. Of a notification: the webhook's id and its protocol. Null on events. */
  readonly recipient: string | null;
  readonly channel: string | null;
  /** JSON text. Null on messages, whose text is in `sealedText`. */
  readonly payload: string | null;
  /** The text of a message. It is sealed by the vault, because it may hold an OTP or a PIN. */
  readonly sealedText: Sealed | null;
  readonly createdAt: Date;
}

/**
 * Storage of key records. All servers of an issuer use the same storage, so that they see the same keys. Every change
 * commits its audit entry in the same transaction; a change that is refused writes neither.
 */
export interface KeyRecords {
  listKeys(): Promise<KeyRecord[]>;
  /** Adds the next version of a purpose. `version_taken`: another server added that version first. */
  addKey(record: KeyRecord, audit: AuditEntry): Promise<"added" | "version_taken">;
  /**
   * Makes a pending key the current one. Earlier versions whose acceptance has no end yet get `previousAcceptedUntil`:
   * all of them, or where `parallelVersions` (default: 1) are accepted beside one another, every so many-th before it.
   * `outbox` is committed with it, as the audit entry is. `conflict`: the key is no longer pending.
   */
  makeKeyCurrent(
    id: string,
    terms: {
      currentFrom: Date;
      acceptedUntil: Date | null;
      previousAcceptedUntil: Date | null;
      parallelVersions?: number;
    },
    audit: AuditEntry,
    outbox: readonly OutboxEntry[],
  ): Promise<"made" | "conflict">;
  /**
   * Ends a key's acceptance at `at`, unless a stored value still needs the key. With `forceRecovery`, signing methods
   * that need it are marked as needing recovery. `in_use`: a stored value needs the key; `conflict`: the key is retired
   * already.
   */
  retireKey(
    id: string,
    how: { at: Date; forceRecovery: boolean },
    audit: AuditEntry,
  ): Promise<"retired" | "in_use" | "conflict">;
  /**
   * Marks a key as destroyed. `conflict`: the key was not retired before `retiredBefore`, or is destroyed already;
   * `in_use`: a stored value needs the key.
   */
  destroyKey(
    id: string,
    when: { at: Date; retiredBefore: Date },
    audit: AuditEntry,
  ): Promise<"destroyed" | "in_use" | "conflict">;
  /** Replaces the handle of a destroyed key by an empty one. */
  eraseKeyHandle(id: string): Promise<void>;
}
