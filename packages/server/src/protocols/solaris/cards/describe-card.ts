import type { CardReply, CardStatus } from "@linchpin/protocols/solaris/wire";
import type { Card, CardState, OrderDetails } from "@linchpin/store";

type Described = Pick<Card, "names" | "person" | "state">;

/** A card in Solaris' words. */
export function describeCardStatus({ names, state, person }: Described): CardStatus {
  return { id: names["solaris"] ?? "", status: statusOf[state], person_id: person.id };
}

/** The same with what the partner said of it as it ordered it; `details` is null where the card was not ordered. */
export function describeCard(card: Described, details: OrderDetails | null): CardReply {
  const detail = (name: string) => details?.[name] ?? null;
  return {
    ...describeCardStatus(card),
    account_id: detail("account_id"),
    business_id: detail("business_id"),
    reference: detail("reference"),
    type: detail("type"),
    representation: { line_1: detail("line_1"), line_2: detail("line_2") },
  };
}

const statusOf: Readonly<Record<CardState, CardStatus["status"]>> = {
  active: "ACTIVE",
  blocked: "BLOCKED",
  terminated: "CLOSED",
};
