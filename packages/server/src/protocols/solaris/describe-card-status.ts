import type { CardStatus } from "@linchpin/protocols/solaris/wire";
import type { Card, CardState } from "@linchpin/store";

/** A card in Solaris' words. */
export function describeCardStatus({ names, state, person }: Pick<Card, "names" | "state" | "person">): CardStatus {
  return { id: names["solaris"] ?? "", status: statusOf[state], person_id: person.id };
}

const statusOf: Readonly<Record<CardState, CardStatus["status"]>> = {
  active: "ACTIVE",
  blocked: "BLOCKED",
  terminated: "CLOSED",
};
