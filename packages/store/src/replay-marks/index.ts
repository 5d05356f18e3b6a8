import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
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
  /** Spends a mark when nothing else is changed. `auditAndOutbox` null: nothing is written with it. */
  spend(mark: ReplayMark, auditAndOutbox: AuditAndOutbox | null): Promise<"spent" | "replayed">;
  /** Deletes the marks of keys that accept no message any more. Returns how many there were. */
  deleteReplayMarks(keyIds: readonly string[]): Promise<number>;
}

export function replayMarkStore(database: Database): ReplayMarkStore {
  return bindQueries(database, { isReplayed, spend, deleteReplayMarks });
}
