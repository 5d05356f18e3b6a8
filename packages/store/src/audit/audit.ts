import { createHash } from "node:crypto";
import type { AuditEntry } from "../store.ts";

/**
 * The chain of events: per shard, each link's hash covers the one before it and all that is kept of its own.
 * `hash = SHA-256(previous hash (32) ‖ shard (4) ‖ sequence (8) ‖ occurredAt, ms since 1970 (8) ‖ length of cardId in
 * bytes, −1 for null (4) ‖ cardId ‖ content)`, numbers big-endian and signed, text in UTF-8;
 * the hash before the first link is 32 zero bytes. The shard of a subject is
 * `first 4 bytes of SHA-256(subject), big-endian, mod shard count`; the count is fixed when the database is made.
 */
export interface AuditStore extends CheckpointReader {
  appendAuditEvent(entry: AuditEntry): Promise<void>;
  /** Of one card, oldest first by `occurredAt`. `skip` counts events already seen. */
  listCardAuditEvents(cardId: string, page: { skip: number; limit: number }): Promise<AuditEvent[]>;
  /** `taken`: another server was first. */
  addAuditCheckpoint(checkpoint: AuditCheckpoint): Promise<"added" | "taken">;
  findLastAuditCheckpoint(): Promise<AuditCheckpoint | null>;
}

/** What it takes to verify the chain. */
export interface AuditReader {
  /** Of one shard, by sequence, from `afterSequence` on. */
  listShardAuditEvents(shard: number, page: { afterSequence: bigint; limit: number }): Promise<AuditEvent[]>;
  /** Head of every shard: its last sequence (0: empty) and hash. */
  listAuditShards(): Promise<AuditShard[]>;
}

/** What it takes to hold the chain against what was signed of it. */
export interface CheckpointReader extends AuditReader {
  /** By sequence, from `afterSequence` on. */
  listAuditCheckpoints(page: { afterSequence: bigint; limit: number }): Promise<AuditCheckpoint[]>;
}

/** The heads of every shard at one time, signed, and bound to the checkpoint before. */
export interface AuditCheckpoint {
  /** 1, 2, 3 … */
  readonly sequence: bigint;
  /** JSON of a `CheckpointContent`, signed as it stands, in UTF-8. */
  readonly content: string;
  /** Names a key of the vault. */
  readonly keyId: string;
  /** ECDSA P-256 over SHA-256, `r ‖ s`, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface CheckpointContent {
  readonly sequence: number;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly keyId: string;
  /** SHA-256 of the content before, hex; 64 zeros in the first. */
  readonly previous: string;
  /** By shard: its last sequence, and the hash of that event in hex (64 zeros where there is none). */
  readonly heads: readonly (readonly [sequence: number, hashHex: string])[];
}

export interface AuditEvent {
  readonly shard: number;
  readonly sequence: bigint;
  readonly cardId: string | null;
  readonly occurredAt: Date;
  readonly content: string;
  readonly hash: Uint8Array;
}

export interface AuditShard {
  readonly shard: number;
  readonly sequence: bigint;
  readonly hash: Uint8Array;
}

/** What the hash of an event must be. Events are hashed where they are written, in SQL; this is for who verifies. */
export function auditHash(previousHash: Uint8Array, event: Omit<AuditEvent, "hash">): Uint8Array {
  const cardId = event.cardId === null ? null : Buffer.from(event.cardId);
  const numbers = Buffer.alloc(24);
  numbers.writeInt32BE(event.shard, 0);
  numbers.writeBigInt64BE(event.sequence, 4);
  numbers.writeBigInt64BE(BigInt(event.occurredAt.getTime()), 12);
  numbers.writeInt32BE(cardId?.length ?? -1, 20);
  const hash = createHash("sha256").update(previousHash).update(numbers);
  return new Uint8Array(
    hash
      .update(cardId ?? "")
      .update(event.content)
      .digest(),
  );
}

/** The shard that a subject's events are chained in. */
export function auditShardOf(subject: string, shardCount: number): number {
  return createHash("sha256").update(subject).digest().readUInt32BE(0) % shardCount;
}
