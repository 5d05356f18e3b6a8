/** One request to the issuer and what it was answered. Times in ms, by a clock that only goes forward. */
export interface Attempt {
  /** The card, or for a transfer the user. */
  readonly subject: string;
  /** Names the sealed message: attempts of one name sent the same bytes, perhaps to another server. */
  readonly message: string;
  readonly asked: Asked;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly answered: Answered;
}

export type Asked =
  | { readonly to: "change"; readonly digits: string }
  | { readonly to: "verify"; readonly digits: string }
  | { readonly to: "reveal" }
  | { readonly to: "transfer"; readonly isRight: boolean };

/**
 * `blocked` is verify's own result, and for a reveal its refusal. `replayed`: the message was used before.
 * `refused`: any other answer that says that nothing was done. `unknown`: none, or one that leaves it open (5xx).
 */
export type Answered =
  | { readonly says: "changed" | "match" | "mismatch" | "blocked" | "transferred" | "incorrect" | "replayed" }
  | { readonly says: "revealed"; readonly digits: string }
  | { readonly says: "refused" | "unknown"; readonly why: string };

/** What is found when the load has ended: rows, audit events, and what Venly's upstream carried out. */
export interface Holdings {
  readonly cards: ReadonlyMap<string, HeldCard>;
  /** By user, the messages that the upstream received, as often as it did. */
  readonly transfers: ReadonlyMap<string, readonly string[]>;
}

export interface HeldCard {
  readonly digits: string;
  readonly version: number;
  readonly isBlocked: boolean;
  /** Wrong tries in a row. */
  readonly failedTries: number;
  /** In the order of the chain; refusals are left out. */
  readonly events: readonly HeldEvent[];
}

export interface HeldEvent {
  readonly did: "change" | "match" | "mismatch" | "blocked" | "reveal";
  readonly version: number;
}

/**
 * What may never be found. `audit differs`: the chain says something else than the rows. `no service`: it did not come
 * back by itself. `undecided`: there were too many orders to look at.
 */
export interface Finding {
  readonly what:
    | "lost"
    | "applied twice"
    | "try too many"
    | "false answer"
    | "audit differs"
    | "no service"
    | "undecided";
  readonly subject: string;
  readonly detail: string;
}

export const tryLimit = 3;
