/** What happens in the sandbox, as `GET /sandbox/events` tells it: what a partner relayed, and what the issuer made of it. */
export type SandboxEvent =
  | ({ readonly kind: "relayed"; readonly id: string } & Relayed)
  | ({ readonly kind: "returned"; readonly id: string } & Returned)
  /** A request reached the issuer, whoever sent it. `id` is the issuer's, as in `step` and `answer`. */
  | { readonly kind: "request"; readonly id: string; readonly method: string; readonly path: string }
  | ({ readonly kind: "step"; readonly id: string } & Step)
  | ({ readonly kind: "answer"; readonly id: string } & Answer);

/** A message as the partner's backend sees it. */
export interface Relayed {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What the partner's backend sees of the answer. */
export interface Returned {
  /** Null where there was none. */
  readonly status: number | null;
  readonly body: string;
}

/** A step of the issuer's table, as it ended. */
export interface Step {
  readonly operation: string;
  /** The row of the step table. */
  readonly step: string;
  /** What the row does, in a few words. */
  readonly label: string;
  /** Why it refused; null where it let pass. */
  readonly refusal: string | null;
  readonly elapsedMs: number;
}

export interface Answer {
  readonly status: number;
  /** What the answer says became of the request: `match`, `mismatch`, `completed`, a refusal's code; null: nothing. */
  readonly outcome: string | null;
  /** Why a request was refused, in a sentence; null where it was not. */
  readonly reason: string | null;
  readonly elapsedMs: number;
}
