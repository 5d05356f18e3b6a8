import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { OutboxEntry } from "../records.ts";
import { addOutboxEntry } from "./add-outbox-entry.ts";
import { claimOutboxEntries } from "./claim-outbox-entries.ts";
import { deleteDeadMessages } from "./delete-dead-messages.ts";
import { deleteDelivered } from "./delete-delivered.ts";
import { listEvents, listMessages } from "./list-messages.ts";
import { markDelivered } from "./mark-delivered.ts";
import { markFailed } from "./mark-failed.ts";
import { measureOutbox } from "./measure-outbox.ts";
import type { ClaimedEntry, OutboxClaim } from "./records.ts";

export type { ClaimedEntry } from "./records.ts";

/** Messages, events and webhooks' notifications that must be delivered after a commit. */
export interface OutboxStore {
  /** Adds an entry with which nothing else is written. */
  addOutboxEntry(entry: OutboxEntry): Promise<void>;
  /**
   * Claims up to `limit` entries that are due, each the oldest undelivered one of its ordering key, and hides them
   * from other servers until `claimedUntil`.
   */
  claimOutboxEntries(claim: OutboxClaim): Promise<ClaimedEntry[]>;
  markDelivered(id: string, at: Date): Promise<void>;
  /**
   * Schedules the next attempt. `nextAttemptAt` null: the entry is given up, and no longer holds back its ordering key.
   */
  markFailed(id: string, failure: { at: Date; nextAttemptAt: Date | null; reason: string }): Promise<void>;
  /**
   * The newest `limit` messages, delivered or not, oldest of them first. `recipient` null: those of all. For the
   * sandbox.
   */
  listMessages(recipient: string | null, limit: number): Promise<OutboxEntry[]>;
  /** The same of events. */
  listEvents(limit: number): Promise<OutboxEntry[]>;
  /**
   * How many messages and events wait, when the oldest of them was added, and how many were given up. Notifications of
   * webhooks are left out: how they fare is up to partners.
   */
  measureOutbox(): Promise<{ waiting: number; oldestCreatedAt: Date | null; dead: number }>;
  /** Deletes entries that were delivered before `before`. Returns how many there were. */
  deleteDelivered(before: Date): Promise<number>;
  /**
   * Deletes messages and webhooks' notifications that were given up before `before`. Events that were given up hold no
   * secret and nothing about a person, and stay.
   */
  deleteDeadMessages(before: Date): Promise<number>;
}

export function outboxStore(database: Database): OutboxStore {
  return bindQueries(database, {
    addOutboxEntry,
    claimOutboxEntries,
    markDelivered,
    markFailed,
    listMessages,
    listEvents,
    measureOutbox,
    deleteDelivered,
    deleteDeadMessages,
  });
}
