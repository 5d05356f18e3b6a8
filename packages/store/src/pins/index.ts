import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { changePin } from "./change-pin.ts";
import { listFormerPins } from "./list-former-pins.ts";
import type { PinChange, PinChangeResult, Verification, VerificationResult, VersionedPin } from "./records.ts";
import { setChipSynced } from "./set-chip-synced.ts";
import { settleVerification } from "./settle-verification.ts";
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
   * Counts one try and spends the mark in one transaction. However many arrive at once, no more than `triesAllowed`
   * wrong tries in a row are compared.
   */
  settleVerification(verification: Verification): Promise<VerificationResult>;
  /** The last `count` PINs before the current one, newest first. */
  listFormerPins(cardId: string, count: number): Promise<VersionedPin[]>;
  /** Unblocks the PIN and resets its tries. `unknown`: there is no such card. */
  unblockPin(cardId: string, consequences: Consequences): Promise<"unblocked" | "not_blocked" | "unknown">;
  /**
   * Records that the chip holds the PIN of `version`. A report of an earlier version than the last one changes nothing.
   * `version_unknown`: the card has had no PIN of this version yet.
   */
  setChipSynced(
    cardId: string,
    version: number,
    consequences: Consequences,
  ): Promise<"set" | "version_unknown" | "unknown">;
}

export function pinStore(database: Database): PinStore {
  return bindQueries(database, { changePin, settleVerification, listFormerPins, unblockPin, setChipSynced });
}
