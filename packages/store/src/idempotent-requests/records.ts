import type { IdempotencyReservation } from "../records.ts";

/** A request that came with an idempotency key, before anything of it is done. */
export interface IdempotentRequest extends IdempotencyReservation {
  /**
   * A request that was reserved longer ago, by the database's clock, and has no answer was given up: the same request
   * takes its place.
   */
  readonly abandonedAfterMs: number;
  /** A request that began before this time is forgotten. */
  readonly forgottenBefore: Date;
}

/**
 * `reserved`: nothing is known of the key, and others wait for the answer. `other_request`: it came with another request.
 * `under_way`: the same request is being answered.
 */
export type Reservation =
  | { readonly result: "reserved" | "other_request" | "under_way" }
  | { readonly result: "answered"; readonly status: number; readonly body: string };
