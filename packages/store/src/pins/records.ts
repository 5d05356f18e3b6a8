import type { AuditAndOutbox, MarksOfMessage, ReplayMark, Sealed } from "../records.ts";

/** A PIN of a card with its version, which is part of what it is sealed for. */
export interface VersionedPin {
  readonly version: number;
  readonly sealed: Sealed;
}

export interface PinChange {
  readonly cardId: string;
  /** The version that the card had when it was read. `sealed` is sealed for version `fromVersion + 1`. */
  readonly fromVersion: number;
  readonly sealed: Sealed;
  /**
   * The mark of the message, or both of them. Null when nothing sealed came in (a generated PIN), or when the mark was
   * spent before (a change request). Where one of two was spent before, nothing is changed, and the other is spent now.
   */
  readonly mark: ReplayMark | MarksOfMessage | null;
  /** False: a blocked PIN stays blocked, and its new digits do not unblock it. */
  readonly unblocks: boolean;
  /**
   * True: the chip holds a copy of the PIN for offline verification, and has the new one when `setChipSynced` says so.
   * False: it holds none, and counts as synced at once.
   */
  readonly offlinePin: boolean;
  /** How many PINs before this one stay in the card's PIN history. Older ones are deleted. */
  readonly pinHistoryLength: number;
  readonly at: Date;
  readonly auditAndOutbox: AuditAndOutbox;
  /**
   * A change request that the same transaction completes. It must be `CONFIRMATION_REQUIRED` and not expired at `at`.
   */
  readonly changeRequestId: string | null;
}

/**
 * `conflict`: the card's version or state is not the one that was read; read the card and decide again.
 * `change_request_ended`: the change request is completed, failed or expired. Only `changed` wrote anything.
 */
export type PinChangeResult = "changed" | "replayed" | "conflict" | "change_request_ended";

export interface Verification {
  readonly cardId: string;
  /** The version of the PIN that was compared. */
  readonly version: number;
  /** Whether the PIN that came in is the stored one. */
  readonly matched: boolean;
  /** The PIN try limit: how many wrong tries in a row block the PIN. */
  readonly tryLimit: number;
  readonly mark: ReplayMark;
  /**
   * What is written for each outcome. `blocking`: a mismatch that used the last try. `blocked`: the PIN was blocked
   * before.
   */
  readonly auditAndOutbox: Readonly<Record<"match" | "mismatch" | "blocking" | "blocked", AuditAndOutbox>>;
}

/**
 * `remainingAttempts` counts the tries that are left after this one. `conflict`: the PIN is not of the version that was
 * compared; read the card and compare again. Nothing was written on `replayed` and `conflict`.
 */
export type VerificationResult =
  | { readonly result: "match" | "mismatch" | "blocked"; readonly remainingAttempts: number }
  | { readonly result: "replayed" | "conflict" };
