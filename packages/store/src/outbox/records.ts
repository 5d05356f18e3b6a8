import type { OutboxEntry } from "../records.ts";

export interface ClaimedEntry extends OutboxEntry {
  /** Delivery attempts before this one. */
  readonly attempts: number;
}
