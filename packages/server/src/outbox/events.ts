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
  "card.state_changed": { cardId, state: Type.Enum(["active", "blocked", "terminated"]) },
  /** Tell the person: a device that is bound can change a PIN. `deviceId` is a key's thumbprint in the native protocol. */
  "device.bound": ofDevice,
  "device.deleted": ofDevice,
  "key.rotated": { purpose: Type.String(), keyId: Type.String(), version: Type.Integer() },
  /** A caller was wrong too often at a route in one minute. */
  "caller.throttled": { caller: Type.String(), operation: Type.String() },
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

/** An event about a person's device. Events of one person's devices are delivered in order. */
export function deviceEvents(
  context: Context,
  type: "device.bound" | "device.deleted",
  facts: EventFacts<"device.bound">,
): OutboxEntry[] {
  return eventEntries(context, facts.personId, type, facts);
}

/** An event that belongs to no change of the store. Where it cannot be written, the log says so: what it tells of has happened. */
export async function announce<T extends "key.rotated" | "caller.throttled">(
  context: Context,
  type: T,
  facts: EventFacts<T>,
): Promise<void> {
  for (const entry of eventEntries(context, type, type, facts))
    await context.store
      .addOutboxEntry(entry)
      .catch((error: unknown) => context.log.error({ err: error, type }, "event not written"));
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
