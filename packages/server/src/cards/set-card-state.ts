import { LinchpinError } from "@linchpin/core";
import type { Card, CardState } from "@linchpin/store";
import { auditDone } from "../audit/audit-entry.ts";
import type { Caller, House } from "../context/context.ts";
import { cardEvents } from "../outbox/card-events.ts";
import { auditingRefusal } from "../pin/pin-operation.ts";
import { findCard } from "./find-card.ts";

/**
 * Blocks a card, takes the block off, or terminates it, which is final. The state that it has already is no change.
 * @throws LinchpinError `card_unknown`, `card_terminated`
 */
export async function setCardState(
  house: House,
  caller: Caller,
  { cardId, state }: { cardId: string; state: CardState },
): Promise<Card> {
  const card = await findCard(house, cardId);
  const facts = { operation: "issuer.card.set_state", caller, state };
  return auditingRefusal(house, { cardId }, facts, async () => {
    if (card.state === "terminated") throw new LinchpinError("card_terminated");
    if (card.state === state) return card;
    const result = await house.store.setCardState(cardId, state, {
      audit: auditDone(house, { cardId }, facts),
      outbox: cardEvents(house, card, "card.state_changed", { state }),
    });
    if (result !== "set") throw new LinchpinError("card_terminated");
    return findCard(house, cardId);
  });
}
