import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { addChallenge } from "./add-challenge.ts";
import { answerChallenge } from "./answer-challenge.ts";
import { deleteExpiredChallenges } from "./delete-expired-challenges.ts";
import { endChallenges } from "./end-challenges.ts";
import { findChallenge } from "./find-challenge.ts";
import { findOpenChallenge } from "./find-open-challenge.ts";
import type { Challenge, ChallengeKind, Sending } from "./records.ts";
import { takeTry } from "./take-try.ts";

export type { Challenge, ChallengeKind } from "./records.ts";

/** What a person or a device must answer: an OTP to type or to sign, a string to sign, a code from a letter. */
export interface ChallengeStore {
  /**
   * Adds a challenge in one transaction with the message that carries it. `sending`: how, when the challenge is sent to
   * the person; null when nothing is sent. `rate_limited`: the person was sent `maxOtpsPerHour` already.
   */
  addChallenge(
    challenge: Challenge,
    auditAndOutbox: AuditAndOutbox,
    sending?: Sending | null,
  ): Promise<"added" | "rate_limited">;
  findChallenge(id: string): Promise<Challenge | null>;
  /** The newest challenge of the kind that is open and not expired at `at`. */
  findOpenChallenge(kind: ChallengeKind, personId: string, at: Date): Promise<Challenge | null>;
  /** Ends the person's open challenges of the kind. Returns how many there were. */
  endChallenges(kind: ChallengeKind, personId: string): Promise<number>;
  /**
   * Takes one try, before the answer is compared, so that simultaneous answers cannot exceed `maxTries`.
   * `ended`: the challenge is answered, ended, expired at `at`, or out of tries.
   */
  takeTry(id: string, maxTries: number, at: Date): Promise<"taken" | "ended">;
  /** Marks the challenge as answered. Of simultaneous right answers only one gets `answered`. */
  answerChallenge(id: string, at: Date, auditAndOutbox: AuditAndOutbox): Promise<"answered" | "ended">;
  /** Deletes the challenges that expired before `before`. Returns how many there were. */
  deleteExpiredChallenges(before: Date): Promise<number>;
}

export function challengeStore(database: Database): ChallengeStore {
  return bindQueries(database, {
    addChallenge,
    findChallenge,
    findOpenChallenge,
    endChallenges,
    takeTry,
    answerChallenge,
    deleteExpiredChallenges,
  });
}
