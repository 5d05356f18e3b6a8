import type { Card, OutboxEntry } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";

export type EventType = "pin.changed" | "pin.blocked" | "pin.unblocked" | "card.state_changed";

/** An event about a card, for the operator's systems: ids and versions, never a PIN. Events of one card are delivered in order. Empty where no event receiver is set. */
export function cardEvents(
  context: Context,
  card: Pick<Card, "id">,
  type: EventType,
  facts: Readonly<Record<string, string | number>> = {},
): OutboxEntry[] {
  if (!context.emitsEvents) return [];
  const id = makeId();
  const createdAt = context.clock();
  const event: OutboxEntry = {
    id,
    orderingKey: card.id,
    topic: "event",
    recipient: null,
    channel: null,
    payload: JSON.stringify({ id, type, cardId: card.id, occurredAt: createdAt, ...facts }),
    sealedText: null,
    createdAt,
  };
  return [event];
}
