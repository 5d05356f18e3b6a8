import type { OutboxEntry } from "../records.ts";

export interface OutboxClaim {
  readonly at: Date;
  readonly claimedUntil: Date;
  readonly limit: number;
  /** Absent: entries of every topic. */
  readonly topics?: readonly OutboxEntry["topic"][];
}

export interface ClaimedEntry extends OutboxEntry {
  /** Delivery attempts before this one. */
  readonly attempts: number;
}
