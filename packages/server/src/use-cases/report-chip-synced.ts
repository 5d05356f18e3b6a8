import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { auditDone } from "../audit.ts";
import type { Caller, House } from "../house.ts";
import { auditingRefusal } from "../pin-operation.ts";
import { findCard } from "../steps/find-card.ts";

/**
 * The card's chip holds the current PIN, as the operator's systems saw.
 * @throws LinchpinError `card_unknown`, `card_terminated`, `pin_not_set`
 */
export async function reportChipSynced(house: House, caller: Caller, cardId: string): Promise<Card> {
  const card = await findCard(house, cardId);
  const facts = { operation: "issuer.pin.chip_synced", caller, pinVersion: card.pin.version };
  return auditingRefusal(house, { cardId }, facts, async () => {
    if (card.state === "terminated") throw new LinchpinError("card_terminated");
    if (card.pin.status === "not_set") throw new LinchpinError("pin_not_set");
    await house.store.setChipSynced(cardId, { audit: auditDone(house, { cardId }, facts), outbox: [] });
    return findCard(house, cardId);
  });
}
