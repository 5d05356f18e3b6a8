import type { OutboxEntry } from "../store.ts";

/** What is on its way out. */
export interface OutboxStore {
  /** Adds an entry that nothing else is written with. */
  addOutboxEntry(entry: OutboxEntry): Promise<void>;
  /**
   * Claims up to `limit` entries that are due, each the oldest undelivered of its ordering key,
   * and hides them from other servers until `claimedUntil`.
   */
  claimOutboxEntries(claim: { at: Date; claimedUntil: Date; limit: number }): Promise<ClaimedEntry[]>;
  markDelivered(id: string, at: Date): Promise<void>;
  /** Tries again at `nextAttemptAt`; null: never, the entry is dead and no longer holds up its ordering key. */
  markFailed(id: string, failure: { at: Date; nextAttemptAt: Date | null; reason: string }): Promise<void>;
  /** Messages in the order they were added, delivered or not; `recipient` null: all. For the sandbox. */
  listMessages(recipient: string | null, limit: number): Promise<OutboxEntry[]>;
  /** How many wait, and since when the oldest does. */
  measureOutbox(): Promise<{ waiting: number; oldestCreatedAt: Date | null; dead: number }>;
  deleteDelivered(before: Date): Promise<number>;
  /** Messages alone: an event that was given up holds no secret, and stays. */
  deleteDeadMessages(before: Date): Promise<number>;
}

export interface ClaimedEntry extends OutboxEntry {
  /** Attempts before this one. */
  readonly attempts: number;
}
