import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { changePin } from "./change-pin.ts";
import { listPinHistory } from "./list-pin-history.ts";
import { recordVerification } from "./record-verification.ts";
import type { PinChange, PinChangeResult, Verification, VerificationResult, VersionedPin } from "./records.ts";
import { resetFailedTries } from "./reset-failed-tries.ts";
import { setChipSynced } from "./set-chip-synced.ts";
import { unblockPin } from "./unblock-pin.ts";

export type { PinChange, PinChangeResult, Verification, VerificationResult, VersionedPin } from "./records.ts";

/** PINs of cards: change, verification, PIN history. */
export interface PinStore {
  /**
   * Writes in one transaction the new PIN, its replay mark, the reset of the tries, the PIN before into the PIN
   * history, the completion of the change request if there is one, the audit event and the outbox. It writes all of
   * them or nothing.
   */
  changePin(change: PinChange): Promise<PinChangeResult>;
  /**
   * Counts one try and spends the mark in one transaction. However many arrive at once, no more than `tryLimit`
   * wrong tries in a row are compared.
   */
  recordVerification(verification: Verification): Promise<VerificationResult>;
  /** The last `count` PINs before the current one, newest first. */
  listPinHistory(cardId: string, count: number): Promise<VersionedPin[]>;
  /**
   * Unblocks the PIN and resets its tries. `isChipPending`: the chip is out of date until `setChipSynced` says otherwise, as
   * it has to be told. `unknown`: there is no such card.
   */
  unblockPin(
    cardId: string,
    auditAndOutbox: AuditAndOutbox,
    chip?: { isChipPending?: boolean },
  ): Promise<"unblocked" | "not_blocked" | "unknown">;
  /** Resets the tries of a PIN that is not blocked. `unknown`: there is no such card. */
  resetFailedTries(cardId: string, auditAndOutbox: AuditAndOutbox): Promise<"reset" | "blocked" | "unknown">;
  /**
   * Records that the chip holds the PIN of `version`. A report of an earlier version than the last one changes nothing.
   * `version_unknown`: the card has had no PIN of this version yet.
   */
  setChipSynced(
    cardId: string,
    version: number,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"set" | "version_unknown" | "unknown">;
}

export function pinStore(database: Database): PinStore {
  return bindQueries(database, {
    changePin,
    recordVerification,
    listPinHistory,
    unblockPin,
    resetFailedTries,
    setChipSynced,
  });
}
