import type { Consequences, ReplayMark, Sealed } from "../store.ts";

/** Users, their signing methods, and the idempotency keys they have spent. */
export interface SigningMethodStore {
  /** With the first method, where there is one, and the mark of what it came sealed in. */
  addSigningUser(
    user: NewSigningUser,
    mark: ReplayMark | null,
    consequences: Consequences,
  ): Promise<"added" | "replayed" | "partner_unknown">;
  /** Methods by age. */
  findSigningUser(id: string): Promise<SigningUser | null>;
  /** By age. */
  listSigningUsers(partnerId: string, page: { skip: number; limit: number }): Promise<SigningUser[]>;
  findSigningMethod(id: string): Promise<OwnedSigningMethod | null>;

  /**
   * Counts one attempt, at most as many wrong ones as allowed however many come at once. In the same transaction it
   * spends the mark whatever comes of the attempt, and the idempotency key when the attempt was right.
   */
  settleSigning(signing: Signing): Promise<SigningOutcome>;

  /**
   * Settles `authorization`, where there is one, and adds the method in the same transaction when it matches.
   * `exists`: the user has a method of this type, and may have only one.
   */
  addSigningMethod(
    addition: SigningMethodChange & { readonly method: NewSigningMethod },
  ): Promise<"added" | "exists" | "unknown" | SigningRefusal>;
  /** The same for a new value, which resets the attempts of a method that is locked. */
  updateSigningMethod(
    update: SigningMethodChange & { readonly methodId: string; readonly mac: Sealed },
  ): Promise<"updated" | "unknown" | SigningRefusal>;
}

export type SigningMethodType = "PIN" | "EMERGENCY_CODE" | "BIOMETRIC";

export interface NewSigningMethod {
  readonly id: string;
  readonly type: SigningMethodType;
  /** Of `BIOMETRIC`; null on others. */
  readonly physicalDeviceId: string | null;
  /** HMAC of the value, 32 bytes, with the id of the key that made it. */
  readonly mac: Sealed;
  readonly createdAt: Date;
}

export interface SigningMethod extends NewSigningMethod {
  /** Each new value adds one. */
  readonly version: number;
  /** Wrong attempts in a row. */
  readonly incorrectAttempts: number;
  /** The key of its HMAC is gone: it is locked until it is given a new value. */
  readonly needsRecovery: boolean;
}

export interface OwnedSigningMethod extends SigningMethod {
  readonly userId: string;
  readonly partnerId: string;
}

export interface NewSigningUser {
  readonly id: string;
  readonly partnerId: string;
  readonly reference: string;
  readonly method: NewSigningMethod | null;
  readonly createdAt: Date;
}

export interface SigningUser extends Omit<NewSigningUser, "method"> {
  readonly methods: readonly SigningMethod[];
}

export interface Signing {
  readonly methodId: string;
  /** The version that was compared. */
  readonly version: number;
  readonly matched: boolean;
  readonly attemptsAllowed: number;
  /** Replaces the stored HMAC of the same value when the attempt was right; null: it stays. */
  readonly renewedMac: Sealed | null;
  /** Of what the secret came sealed in; null where it came plain. */
  readonly mark: ReplayMark | null;
  /** A UUID, unique per user for ever; null where none was sent. */
  readonly idempotencyKey: string | null;
  readonly at: Date;
  /**
   * What to write down, by what came of it: `locking` is a mismatch that used the last attempt. Null on a match
   * that is followed by the change it authorizes, which has consequences of its own.
   */
  readonly consequences: {
    readonly match: Consequences | null;
    readonly mismatch: Consequences;
    readonly locking: Consequences;
  };
}

/** `conflict`: the value was changed meanwhile: compare again. Nothing was counted on `replayed` and `key_used`. */
export type SigningOutcome = "match" | SigningRefusal;
export type SigningRefusal = "mismatch" | "locked" | "replayed" | "key_used" | "conflict";

export interface SigningMethodChange {
  readonly userId: string;
  /** Null for a user's first method. */
  readonly authorization: Signing | null;
  /** Of what the new value came sealed in; null where it came plain. */
  readonly mark: ReplayMark | null;
  readonly consequences: Consequences;
}
