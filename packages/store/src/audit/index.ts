import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditEntry, OutboxEntry } from "../records.ts";
import { addAuditCheckpoint } from "./add-audit-checkpoint.ts";
import { appendAuditEvent } from "./append-audit-event.ts";
import { findLastAuditCheckpoint } from "./find-last-audit-checkpoint.ts";
import { listAuditCheckpoints } from "./list-audit-checkpoints.ts";
import { listAuditShards } from "./list-audit-shards.ts";
import { listCardAuditEvents } from "./list-card-audit-events.ts";
import { listShardAuditEvents } from "./list-shard-audit-events.ts";
import type { AuditCheckpoint, AuditEvent, CheckpointReader } from "./records.ts";

export { auditHash, auditShardOf } from "./audit-hash.ts";
export type {
  AuditCheckpoint,
  AuditEvent,
  AuditReader,
  AuditShard,
  CheckpointContent,
  CheckpointReader,
} from "./records.ts";
export { type AuditBreak, type AuditVerification, verifyAuditChain } from "./verify-audit-chain.ts";
export {
  type CheckpointBreak,
  type CheckpointedVerification,
  checkpointFault,
  checkpointHashHex,
  type ExpectedCheckpoint,
  verifyCheckpointedChain,
} from "./verify-checkpointed-chain.ts";

/** The audit chain and its checkpoints. `auditHash` defines the chain. */
export interface AuditStore extends CheckpointReader {
  /** Adds an event of what changes no record, and what must be delivered because of it (default: nothing). */
  appendAuditEvent(audit: AuditEntry, outbox?: readonly OutboxEntry[]): Promise<void>;
  /** The events of a card, oldest first by `occurredAt`. `skip` is the number of events to leave out. */
  listCardAuditEvents(cardId: string, page: { skip: number; limit: number }): Promise<AuditEvent[]>;
  /** `taken`: another server added a checkpoint of this sequence first. */
  addAuditCheckpoint(checkpoint: AuditCheckpoint): Promise<"added" | "taken">;
  findLastAuditCheckpoint(): Promise<AuditCheckpoint | null>;
}

export function auditStore(database: Database): AuditStore {
  return bindQueries(database, {
    appendAuditEvent,
    listCardAuditEvents,
    listShardAuditEvents,
    listAuditShards,
    addAuditCheckpoint,
    findLastAuditCheckpoint,
    listAuditCheckpoints,
  });
}
