/** What happens in the sandbox, as `GET /sandbox/events` tells it: what a partner relayed, and what the issuer made of it. */
export type SandboxEvent =
  | ({ readonly kind: "relayed"; readonly id: string } & Relayed)
  | ({ readonly kind: "returned"; readonly id: string } & Returned)
  /** A request reached the issuer, whoever sent it. `id` is the issuer's, as in `step` and `answer`. */
  | {
      readonly kind: "request";
      readonly id: string;
      readonly method: string;
      readonly path: string;
      /** The message of the page's partner that it is; absent: another client sent it. */
      readonly relayedId?: string;
    }
  | ({ readonly kind: "attack"; readonly id: string } & Attack)
  | ({ readonly kind: "conclusion" } & Conclusion)
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

/** What a partner that lies did with a message that it relayed. */
export interface Attack {
  /** Told by the issuer's own answer; `tried`: what becomes of it, the phone will show. */
  readonly outcome: "tried" | "succeeded" | "stopped";
  /** Goes on from "The partner". May hold the PIN that it has read. */
  readonly text: string;
  /** What the protocol's wire lacks that would stop it, with roots pinned too; absent: roots stop it, or it failed. */
  readonly limit?: string;
  /** Goes on from "The phone", where it takes the partner's answer for the issuer's. */
  readonly believed?: string;
}

/** How a task of the phone's ended. The page tells it to the sandbox, so that it stands behind the messages that led to it. */
export interface Conclusion {
  /** Null: as it should; else the code of the error. */
  readonly code: string | null;
}
