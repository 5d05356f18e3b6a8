import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import type { Caller, House } from "../house.ts";

/** A card by its name in a protocol. Another partner's card is no card. @throws LinchpinError `card_unknown` */
export async function findNamedCard(house: House, caller: Caller, protocol: string, name: string): Promise<Card> {
  const card = await house.store.findCardByName(protocol, name);
  if (card === null || (caller.kind === "partner" && caller.partnerId !== card.partnerId))
    throw new LinchpinError("card_unknown");
  return card;
}

/** A card by its own id, for operators. @throws LinchpinError `card_unknown` */
export async function findCard(house: House, id: string): Promise<Card> {
  const card = await house.store.findCard(id);
  if (card === null) throw new LinchpinError("card_unknown");
  return card;
}
