import { createHash } from "node:crypto";
import type { AuditEvent } from "./records.ts";

/**
 * The hash of an audit event, which covers the hash of the event before it in its shard:
 *
 * `SHA-256(previous hash (32) ‖ shard (4) ‖ sequence (8) ‖ occurredAt, ms since 1970 (8) ‖ length of cardId in bytes,
 * −1 for null (4) ‖ cardId ‖ content)`
 *
 * Numbers are big-endian and signed, text is UTF-8. The hash before the first event is 32 zero bytes.
 * Events are hashed in SQL when they are written (`statements/audit-and-outbox.ts`); this function is for verifying
 * them.
 */
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

/**
 * The shard in which events of a subject are chained: the first 4 bytes of `SHA-256(subject)`, big-endian, modulo
 * `shardCount`. The number of shards is fixed when the database is made.
 */
export function auditShardOf(subject: string, shardCount: number): number {
  return createHash("sha256").update(subject).digest().readUInt32BE(0) % shardCount;
}
