import { bindQueries } from "../bind-queries.ts";
import type { Challenge } from "../challenges/index.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { deleteSpentSessions } from "./delete-spent-sessions.ts";
import { findBoundKey } from "./find-bound-key.ts";
import { findCardForMessage, findCardForSession } from "./find-card-for-session.ts";
import { findSessionHolder } from "./find-session-holder.ts";
import { findSpentSession } from "./find-spent-session.ts";
import type {
  BoundKey,
  CardForMessage,
  CardForSession,
  CodeLimits,
  SessionDecision,
  SessionHolder,
  SessionMessage,
  SpentSession,
} from "./records.ts";
import { sendSessionCode } from "./send-session-code.ts";
import { allowSessionCodes, countWrongSessionCodes, nameSessionHolder } from "./set-session-holder.ts";
import { spendSession } from "./spend-session.ts";
import { unbindKey } from "./unbind-key.ts";

export type {
  BoundKey,
  CardForMessage,
  CardForSession,
  CodeLimits,
  SessionDecision,
  SessionEffect,
  SessionHolder,
  SessionMessage,
  SpentSession,
} from "./records.ts";

/** Sessions of the native protocol. They are not stored themselves: what was spent is, and the codes and keys of persons. */
export interface SessionStore {
  /**
   * Reads in one statement all that a session is made of: the card by its name in the native protocol, its person, its
   * data, the key of this thumbprint, and the last manifest. Null: there is no such card.
   */
  findCardForSession(asked: { name: string; device: string | null; at: Date }): Promise<CardForSession | null>;
  /** The same for a message to a session. What it reads only saves work: `spendSession` decides. */
  findCardForMessage(asked: {
    name: string;
    device: string | null;
    sessionHash: Uint8Array;
  }): Promise<CardForMessage | null>;
  /** Also one that was unbound. */
  findBoundKey(thumbprint: string): Promise<BoundKey | null>;
  /** Null: there is no such person. */
  findSessionHolder(personId: string, at: Date): Promise<SessionHolder | null>;
  /** `unknown`: there is no such person. */
  nameSessionHolder(personId: string, name: string, auditAndOutbox: AuditAndOutbox): Promise<"set" | "unknown">;
  /** Forgets the person's wrong codes in a row. `unknown`: there is no such person. */
  allowSessionCodes(personId: string, auditAndOutbox: AuditAndOutbox): Promise<"set" | "unknown">;
  /** The person's wrong codes in a row are at least so many. `unknown`: there is no such person. */
  countWrongSessionCodes(personId: string, count: number, auditAndOutbox: AuditAndOutbox): Promise<"set" | "unknown">;
  /**
   * Adds the challenge of a session's code in one transaction with the message that sends it. `rate_limited`: the person
   * was sent as many as are allowed that day. `locked`: no code of the person, or of the partner, is taken for now.
   */
  sendSessionCode(
    challenge: Challenge,
    limits: CodeLimits,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "rate_limited" | "locked">;
  findSpentSession(sessionHash: Uint8Array): Promise<SpentSession | null>;
  /**
   * Decides what comes of a message, under locks of the card, its person and the key: writes that the session is spent,
   * the outcome, the counts, the audit event and the outbox in one statement, or nothing where it was spent before. Of
   * messages that arrive together one is first, and no more codes are compared than the limits allow.
   * @throws LinchpinError `conflict`: another person bound the same key, or the PIN that is to be revealed was changed, at
   *   the same moment; nothing was written
   */
  spendSession(message: SessionMessage): Promise<SessionDecision>;
  /** `unknown`: no live key of this person has the thumbprint. */
  unbindKey(
    thumbprint: string,
    personId: string,
    at: Date,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"unbound" | "unknown">;
  /** Deletes those whose session had expired before `before`. Returns how many there were. */
  deleteSpentSessions(before: Date): Promise<number>;
}

export function sessionStore(database: Database): SessionStore {
  return bindQueries(database, {
    findCardForSession,
    findCardForMessage,
    findBoundKey,
    findSessionHolder,
    nameSessionHolder,
    allowSessionCodes,
    countWrongSessionCodes,
    sendSessionCode,
    findSpentSession,
    spendSession,
    unbindKey,
    deleteSpentSessions,
  });
}
