import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { addChangeRequest } from "./add-change-request.ts";
import { authorizeChangeRequest } from "./authorize-change-request.ts";
import { deleteEndedChangeRequests } from "./delete-ended-change-requests.ts";
import { failChangeRequest } from "./fail-change-request.ts";
import { failExpiredChangeRequests } from "./fail-expired-change-requests.ts";
import { findChangeRequest } from "./find-change-request.ts";
import type { Authorization, ChangeRequest } from "./records.ts";
import { takeConfirmationTry } from "./take-confirmation-try.ts";

export type { ChangeRequest, ChangeRequestStatus, DeliveryMethod } from "./records.ts";
export { eraseSealed } from "./status-sql.ts";

/** PIN changes that wait for the person's confirmation. `pins/` completes them. */
export interface ChangeRequestStore {
  /**
   * Adds the request and spends the mark in one transaction: the sealed PIN cannot be used again, even if the request
   * fails.
   */
  addChangeRequest(
    request: ChangeRequest,
    mark: ReplayMark,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "replayed">;
  findChangeRequest(id: string): Promise<ChangeRequest | null>;
  /**
   * Sets a request that is not ended to `CONFIRMATION_REQUIRED`, with a fresh secret; its tries are kept.
   * `rate_limited`: the person was sent `maxOtpsPerHour` already.
   */
  authorizeChangeRequest(
    id: string,
    authorization: Authorization,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"authorized" | "ended" | "rate_limited">;
  /**
   * Takes one try, before the answer is compared, so that simultaneous answers cannot exceed `maxTries`.
   * Where the card's program keeps a PIN history, the same statement counts an attempt to change its PIN.
   * `exhausted`: none was left, and no try was taken. `ended`: the request does not wait for a confirmation, is expired
   * at `at`, or is out of tries.
   */
  takeConfirmationTry(id: string, maxTries: number, at: Date): Promise<"taken" | "exhausted" | "ended">;
  /** Sets the request to `FAILED` and deletes its sealed PIN and secret. */
  failChangeRequest(id: string, at: Date, auditAndOutbox: AuditAndOutbox): Promise<"failed" | "ended">;
  /** Does the same at `at` to requests that expired by `expiredBy` (default: `at`). Returns how many there were. */
  failExpiredChangeRequests(at: Date, expiredBy?: Date): Promise<number>;
  /** Deletes the requests that were completed or failed before `before`. Returns how many there were. */
  deleteEndedChangeRequests(before: Date): Promise<number>;
}

export function changeRequestStore(database: Database): ChangeRequestStore {
  return bindQueries(database, {
    addChangeRequest,
    findChangeRequest,
    authorizeChangeRequest,
    takeConfirmationTry,
    failChangeRequest,
    failExpiredChangeRequests,
    deleteEndedChangeRequests,
  });
}
