import type { Consequences, ReplayMark, Sealed } from "../records.ts";

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
  /** Null when nothing sealed came in (a generated PIN), or when the mark was spent before (a change request). */
  readonly mark: ReplayMark | null;
  /** False: a blocked PIN stays blocked, and its new digits do not unblock it. */
  readonly unblocks: boolean;
  /** True: the chip is taken to have the new PIN at once. False: it has it when the issuer API reports so. */
  readonly chipFollows: boolean;
  /** How many earlier PINs are kept. Older ones are deleted. */
  readonly keepFormer: number;
  readonly at: Date;
  readonly consequences: Consequences;
  /** A change request that the same transaction completes. It must be `CONFIRMATION_REQUIRED` and not expired at `at`. */
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
  readonly triesAllowed: number;
  readonly mark: ReplayMark;
  readonly at: Date;
  /** What is written for each outcome. `blocking`: a mismatch that used the last try. `blocked`: the PIN was blocked before. */
  readonly consequences: Readonly<Record<"match" | "mismatch" | "blocking" | "blocked", Consequences>>;
}

/**
 * `remainingAttempts` counts the tries that are left after this one. `conflict`: the PIN is not of the version that was
 * compared; read the card and compare again. Nothing was written on `replayed` and `conflict`.
 */
export type VerificationResult =
  | { readonly result: "match" | "mismatch" | "blocked"; readonly remainingAttempts: number }
  | { readonly result: "replayed" | "conflict" };
