/** A request that came with an idempotency key, before anything of it is done. */
export interface IdempotentRequest {
  readonly clientId: string;
  readonly key: string;
  /** 32 bytes: SHA-256 of all that the request asks for. */
  readonly requestHash: Uint8Array;
  readonly at: Date;
  /** A request that began before this time and has no answer was given up: the same request takes its place. */
  readonly abandonedBefore: Date;
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
