import type { OutboxEntry } from "@linchpin/store";
import Type, { type Static } from "typebox";
import type { Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";

const cardId = Type.String();
const ofPin = { cardId, pinVersion: Type.Integer() };

/** The events for the operator's systems, by type: what each says besides `id`, `type` and `occurredAt`. Never a PIN. */
export const eventFacts = {
  "pin.changed": ofPin,
  "pin.blocked": ofPin,
  "pin.unblocked": ofPin,
  "card.state_changed": { cardId, state: Type.Enum(["active", "blocked", "terminated"]) },
} as const satisfies Readonly<Record<string, Type.TProperties>>;

type EventType = keyof typeof eventFacts;
type EventFacts<T extends EventType> = Static<Type.TObject<(typeof eventFacts)[T]>>;

/** An event about a card. Events of one card are delivered in order. Empty where no event receiver is set. */
export function cardEvents<T extends CardEventType>(
  context: Context,
  { id: cardId }: { readonly id: string },
  type: T,
  facts: Omit<EventFacts<T>, "cardId">,
): OutboxEntry[] {
  return eventEntries(context, cardId, type, { cardId, ...facts });
}

type CardEventType = { [T in EventType]: (typeof eventFacts)[T] extends { cardId: unknown } ? T : never }[EventType];

function eventEntries(context: Context, orderingKey: string, type: EventType, facts: object): OutboxEntry[] {
  if (!context.emitsEvents) return [];
  const id = makeId();
  const createdAt = context.clock();
  const { cardId, ...others } = facts as { cardId?: string };
  const payload = JSON.stringify({ id, type, cardId, occurredAt: createdAt, ...others });
  const addressed = { topic: "event", recipient: null, channel: null } as const;
  return [{ id, orderingKey, ...addressed, payload, sealedText: null, createdAt }];
}
