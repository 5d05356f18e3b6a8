import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, MarksOfMessage, ReplayMark } from "../records.ts";
import { deleteReplayMarks } from "./delete-replay-marks.ts";
import { isReplayed } from "./is-replayed.ts";
import { spend } from "./spend.ts";

/** Replay marks: what makes a sealed message usable once. */
export interface ReplayMarkStore {
  /**
   * Whether the mark was spent before. This read only saves work: the unique mark in the writing transaction is what
   * decides.
   */
  isReplayed(mark: Uint8Array): Promise<boolean>;
  /**
   * Spends a mark, or both marks of one message, which belong to one key, when nothing else is changed. `auditAndOutbox` is written when all of
   * them were fresh; null: nothing is written with it. `refusal`: the message was refused by this code for this card,
   * which `findCardForChange` finds again. `replayed`: at least one was spent before; the other is spent now.
   */
  spend(
    marks: ReplayMark | MarksOfMessage,
    auditAndOutbox: AuditAndOutbox | null,
    refusal?: { readonly cardId: string; readonly code: string } | null,
  ): Promise<"spent" | "replayed">;
  /** Deletes the marks of keys that accept no message any more. Returns how many there were. */
  deleteReplayMarks(keyIds: readonly string[]): Promise<number>;
}

export function replayMarkStore(database: Database): ReplayMarkStore {
  return bindQueries(database, { isReplayed, spend, deleteReplayMarks });
}
