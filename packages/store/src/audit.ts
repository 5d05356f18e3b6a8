import type { AuditEntry } from "./store.ts";

/**
 * The chain of events: per shard, each link's hash covers the one before it.
 * `hash = SHA-256(previous hash (32) ‖ shard (4, big-endian) ‖ sequence (8, big-endian) ‖ UTF-8 of content)`;
 * the hash before the first link is 32 zero bytes. The shard of a subject is
 * `first 4 bytes of SHA-256(subject), big-endian, mod shard count`; the count is fixed when the database is made.
 */
export interface AuditStore {
  appendAuditEvent(entry: AuditEntry): Promise<void>;
  /** Of one card, oldest first. `skip` counts events already seen. */
  listCardAuditEvents(cardId: string, page: { skip: number; limit: number }): Promise<AuditEvent[]>;
  /** Of one shard, by sequence, from `afterSequence` on. */
  listShardAuditEvents(shard: number, page: { afterSequence: bigint; limit: number }): Promise<AuditEvent[]>;
  /** Head of every shard: its last sequence (0: empty) and hash. */
  listAuditShards(): Promise<AuditShard[]>;
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
