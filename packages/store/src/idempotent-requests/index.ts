import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { IdempotencyReservation, IdempotentAnswer } from "../records.ts";
import { answerIdempotentRequest } from "./answer-idempotent-request.ts";
import { deleteIdempotentRequests } from "./delete-idempotent-requests.ts";
import type { IdempotentRequest, Reservation } from "./records.ts";
import { releaseIdempotentRequest } from "./release-idempotent-request.ts";
import { reserveIdempotentRequest } from "./reserve-idempotent-request.ts";

export type { Reservation } from "./records.ts";

/** Requests that came with an idempotency key: the same one again gets the answer of the first. */
export interface IdempotentRequestStore {
  /** Of requests with one key, one at a time is `reserved`. */
  reserveIdempotentRequest(request: IdempotentRequest): Promise<Reservation>;
  /**
   * Keeps the answer of a request that changed nothing. A change keeps its own: `AuditAndOutbox.answer`. Nothing happens
   * where another owner reserved the request in the meantime.
   */
  answerIdempotentRequest(answer: IdempotentAnswer): Promise<void>;
  /** Forgets a request of this owner that has no answer, so that it may be sent again. */
  releaseIdempotentRequest(reservation: IdempotencyReservation): Promise<void>;
  /** Forgets requests that began before the given time. Returns their number. */
  deleteIdempotentRequests(before: Date): Promise<number>;
}

export function idempotentRequestStore(database: Database): IdempotentRequestStore {
  return bindQueries(database, {
    reserveIdempotentRequest,
    answerIdempotentRequest,
    releaseIdempotentRequest,
    deleteIdempotentRequests,
  });
}
