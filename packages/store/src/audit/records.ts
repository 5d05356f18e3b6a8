/** An event of the audit chain. */
export interface AuditEvent {
  readonly shard: number;
  /** 1, 2, 3 … within a shard. */
  readonly sequence: bigint;
  readonly cardId: string | null;
  readonly occurredAt: Date;
  readonly content: string;
  /** 32 bytes. See `auditHash`. */
  readonly hash: Uint8Array;
}

/** The head of a shard. */
export interface AuditShard {
  readonly shard: number;
  /** The sequence of the shard's last event. 0 when there is none. */
  readonly sequence: bigint;
  /** The hash of the shard's last event. 32 zero bytes when there is none. */
  readonly hash: Uint8Array;
}

/** The heads of all shards at one time, signed, and bound to the checkpoint before. */
export interface AuditCheckpoint {
  /** 1, 2, 3 … */
  readonly sequence: bigint;
  /** JSON of a `CheckpointContent`. Its UTF-8 bytes are what is signed. */
  readonly content: string;
  /** The id of the vault's key that signed it. */
  readonly keyId: string;
  /** ECDSA P-256 over SHA-256, `r ‖ s`, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface CheckpointContent {
  readonly sequence: number;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly keyId: string;
  /** SHA-256 of the content of the checkpoint before, in hex. 64 zeros in the first checkpoint. */
  readonly previous: string;
  /** By shard: the sequence and the hash, in hex, of its last event (0 and 64 zeros when there is none). */
  readonly heads: readonly (readonly [sequence: number, hashHex: string])[];
}

/** What is read to verify the chain. */
export interface AuditReader {
  /** The events of a shard in order of sequence, after `afterSequence`. */
  listShardAuditEvents(shard: number, page: { afterSequence: bigint; limit: number }): Promise<AuditEvent[]>;
  /** The heads of all shards, in order of shard. */
  listAuditShards(): Promise<AuditShard[]>;
}

/** What is read to verify the chain against its signed checkpoints. */
export interface CheckpointReader extends AuditReader {
  /** In order of sequence, after `afterSequence`. */
  listAuditCheckpoints(page: { afterSequence: bigint; limit: number }): Promise<AuditCheckpoint[]>;
}
