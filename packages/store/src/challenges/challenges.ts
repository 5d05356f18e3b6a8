import type { Consequences, Sealed } from "../store.ts";

/** Things a person or a device must answer: an OTP to sign, an OTP to type, a string to sign, a code from a letter. */
export interface ChallengeStore {
  /** With what goes out because of it, in one transaction. `sending`: where an OTP or a code goes out to the person. */
  addChallenge(
    challenge: Challenge,
    consequences: Consequences,
    sending?: Sending | null,
  ): Promise<"added" | "rate_limited">;
  findChallenge(id: string): Promise<Challenge | null>;
  /** The newest of its kind that is open and alive at `at`. */
  findOpenChallenge(kind: ChallengeKind, personId: string, at: Date): Promise<Challenge | null>;
  /** Ends every open one of the kind. */
  endChallenges(kind: ChallengeKind, personId: string): Promise<number>;
  /**
   * Takes one try before the answer is looked at, so that simultaneous answers can not exceed `maxTries`.
   * `ended`: answered, failed, expired at `at`, or out of tries.
   */
  takeTry(id: string, maxTries: number, at: Date): Promise<"taken" | "ended">;
  /** Marks it answered; only one of simultaneous right answers gets `answered`. */
  answerChallenge(id: string, at: Date, consequences: Consequences): Promise<"answered" | "ended">;
  deleteExpiredChallenges(before: Date): Promise<number>;
}

export interface Sending {
  /** How many may go out to the person in the hour of `createdAt`, change requests' TANs included; more are `rate_limited`. */
  readonly maxOtpsPerHour: number;
  /** Ends what is open of the kind. */
  readonly replaces: boolean;
}

export type ChallengeKind = "device_binding" | "device_signing" | "mobile_number" | "activation_code";

export interface Challenge {
  readonly id: string;
  readonly kind: ChallengeKind;
  readonly personId: string;
  readonly partnerId: string;
  readonly deviceId: string | null;
  /** Which key must sign; null where the answer is typed. */
  readonly keyPurpose: "restricted" | "unrestricted" | null;
  /** The OTP, code or string to sign. */
  readonly sealedSecret: Sealed;
  readonly state: "open" | "answered" | "ended";
  readonly tries: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}
