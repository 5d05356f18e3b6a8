import type { AuditAndOutbox, ReplayMark, Sealed } from "../records.ts";

export type SigningMethodType = "PIN" | "EMERGENCY_CODE" | "BIOMETRIC" | "PASSWORD";

export interface NewSigningMethod {
  readonly id: string;
  readonly type: SigningMethodType;
  /** Of `BIOMETRIC`. Null on other types. */
  readonly physicalDeviceId: string | null;
  /** HMAC of the value, 32 bytes, with the id of the key that made it. */
  readonly mac: Sealed;
  readonly createdAt: Date;
}

export interface SigningMethod extends NewSigningMethod {
  /** 1 for the first value. Each new value adds one. */
  readonly version: number;
  /** Wrong attempts in a row. */
  readonly incorrectAttempts: number;
  /** The key of the HMAC was retired: the method is locked until it is given a new value. */
  readonly needsRecovery: boolean;
}

export interface OwnedSigningMethod extends SigningMethod {
  readonly userId: string;
  readonly partnerId: string;
}

export interface NewSigningUser {
  readonly id: string;
  readonly partnerId: string;
  /** What the partner calls the user; null where it named none. */
  readonly reference: string | null;
  readonly method: NewSigningMethod | null;
  readonly createdAt: Date;
}

export interface SigningUser extends Omit<NewSigningUser, "method"> {
  /** Oldest first. */
  readonly methods: readonly SigningMethod[];
}

/** An attempt at a signing method, after its value was compared. */
export interface Signing {
  readonly methodId: string;
  /** The version of the value that was compared. */
  readonly version: number;
  readonly matched: boolean;
  readonly attemptsAllowed: number;
  /** On a match, replaces the stored HMAC by one of the same value under a newer key. Null: the stored one stays. */
  readonly renewedMac: Sealed | null;
  /** The mark of the message in which the value was sealed. Null when the value was sent in clear. */
  readonly mark: ReplayMark | null;
  /** A UUID that a user may use once, for ever. Null when none was sent. */
  readonly idempotencyKey: string | null;
  readonly at: Date;
  /**
   * What is written for each outcome. `locking`: a mismatch that used the last attempt. `match` is null when the change
   * that the match authorizes follows in the same transaction, because that change has its own.
   */
  readonly auditAndOutbox: {
    readonly match: AuditAndOutbox | null;
    readonly mismatch: AuditAndOutbox;
    readonly locking: AuditAndOutbox;
  };
}

export type SigningOutcome = "match" | SigningRefusal;
/**
 * `locked`: the method is out of attempts, or needs recovery. `key_used`: the idempotency key was used before.
 * `conflict`: the value is not of the version that was compared; read the method and compare again.
 * Only `mismatch` counts an attempt.
 */
export type SigningRefusal = "mismatch" | "locked" | "replayed" | "key_used" | "conflict";

/** A change of a user or of their methods, which an attempt at a signing method authorizes. */
export interface AuthorizedChange {
  readonly userId: string;
  /** The attempt that authorizes the change. Null where the user has no method yet. */
  readonly authorization: Signing | null;
  readonly auditAndOutbox: AuditAndOutbox;
}

/** A new signing method, or a new value of one. */
export interface SigningMethodChange extends AuthorizedChange {
  /** The mark of the message in which the new value was sealed. Null when the value was sent in clear. */
  readonly mark: ReplayMark | null;
}

export interface SigningMethodDeletion extends AuthorizedChange {
  readonly methodId: string;
}

export type SigningUserDeletion = AuthorizedChange;

/** Which of a partner's users, and which page of them. */
export interface SigningUserFilter {
  /** Null: users of every reference, and those that have none. */
  readonly reference: string | null;
  readonly skip: number;
  readonly limit: number;
}

export interface SigningMethodAddition extends SigningMethodChange {
  readonly method: NewSigningMethod;
}

export interface SigningMethodUpdate extends SigningMethodChange {
  readonly methodId: string;
  readonly mac: Sealed;
}
