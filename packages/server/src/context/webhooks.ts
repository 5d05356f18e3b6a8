import type { Card, CardState, ClaimedEntry, OutboxEntry } from "@linchpin/store";
import type { Context } from "./context.ts";

/** The webhooks of a protocol: which notifications partners receive, and how these are posted to the URLs that they registered. */
export interface Webhooks {
  /** Notifications for the outbox: they inform the card's partner that the card goes into `state`. */
  readonly cardStateChanged: (context: Context, card: Card, state: CardState) => Promise<OutboxEntry[]>;
  /**
   * Makes one attempt to deliver a notification, and gives it up where `stopping` is aborted: a partner's server that hangs
   * does not hold up the end of this one. Null: it was delivered, or its webhook is gone.
   */
  readonly deliver: (context: Context, entry: ClaimedEntry, stopping: AbortSignal) => Promise<DeliveryFailure | null>;
}

export interface DeliveryFailure {
  /** For the log and the operator: names a status or an error code, never a text of the receiver's. */
  readonly reason: string;
  /** No further attempt is made. */
  readonly isFinal: boolean;
}
