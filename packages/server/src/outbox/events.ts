import type { OutboxEntry } from "@linchpin/store";
import Type, { type Static } from "typebox";
import type { Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";

const cardId = Type.String();
const protocol = Type.String();
const ofDevice = { personId: Type.String(), deviceId: Type.String(), protocol };
const ofPin = { cardId, pinVersion: Type.Integer() };

/** The events for the operator's systems, by type: what each says besides `id`, `type` and `occurredAt`. Never a PIN. */
export const eventFacts = {
  "pin.changed": ofPin,
  "pin.blocked": ofPin,
  "pin.unblocked": ofPin,
  /** The PIN was sealed for a device, which may show it: by whichever protocol. */
  "pin.revealed": ofPin,
  /** The same of PAN, security code and expiry. */
  "card.data_revealed": { cardId },
  "card.state_changed": { cardId, state: Type.Enum(["active", "blocked", "terminated"]) },
  /** Tell the person: a device that is bound can change a PIN. `deviceId` is a key's thumbprint in the native protocol. */
  "device.bound": ofDevice,
  "device.deleted": ofDevice,
  /** By an operator, or because it was due. */
  "key.rotated": { purpose: Type.String(), keyId: Type.String(), version: Type.Integer() },
  /** A caller was wrong too often at a route in one minute. */
  "caller.throttled": { caller: Type.String(), operation: Type.String() },
} as const satisfies Readonly<Record<string, Type.TProperties>>;

type EventType = keyof typeof eventFacts;
type EventFacts<T extends EventType> = Static<Type.TObject<(typeof eventFacts)[T]>>;

/** What says whether events are written, and when they occurred. */
type Emitter = Pick<Context, "emitsEvents" | "clock">;

/** An event about a card. Events of one card are delivered in order. Empty where no event receiver is set. */
export function cardEvents<T extends CardEventType>(
  context: Emitter,
  { id: cardId }: { readonly id: string },
  type: T,
  facts: Omit<EventFacts<T>, "cardId">,
): OutboxEntry[] {
  return eventEntries(context, cardId, type, { cardId, ...facts });
}

/** An event about a person's device. Events of one person's devices are delivered in order. */
export function deviceEvents(
  context: Emitter,
  type: "device.bound" | "device.deleted",
  facts: EventFacts<"device.bound">,
): OutboxEntry[] {
  return eventEntries(context, facts.personId, type, facts);
}

/** An event about no card and no person. Events of one type are delivered in order. */
export function issuerEvents<T extends "key.rotated" | "caller.throttled">(
  context: Emitter,
  type: T,
  facts: EventFacts<T>,
): OutboxEntry[] {
  return eventEntries(context, type, type, facts);
}

type CardEventType = { [T in EventType]: (typeof eventFacts)[T] extends { cardId: unknown } ? T : never }[EventType];

function eventEntries(context: Emitter, orderingKey: string, type: EventType, facts: object): OutboxEntry[] {
  if (!context.emitsEvents) return [];
  const id = makeId();
  const createdAt = context.clock();
  const { cardId, ...others } = facts as { cardId?: string };
  const payload = JSON.stringify({ id, type, cardId, occurredAt: createdAt, ...others });
  const addressed = { topic: "event", recipient: null, channel: null } as const;
  return [{ id, orderingKey, ...addressed, payload, sealedText: null, createdAt }];
}
