import { LinchpinError } from "@linchpin/core";
import type { Card, CardForChange, ChangeAsked } from "@linchpin/store";
import { type Caller, type Context, noteCard } from "../context/index.ts";

/** A card by its name in a protocol. Another partner's card is refused as unknown. @throws LinchpinError `card_unknown` */
export async function findNamedCard(context: Context, caller: Caller, protocol: string, name: string): Promise<Card> {
  return ownCard(caller, await context.store.findCardByName(protocol, name));
}

/**
 * A card by its name in a protocol, with what a change of its PIN is checked against; an attempt is counted where the
 * card has a PIN history. @throws LinchpinError `card_unknown`
 */
export async function findCardForChange(
  context: Context,
  caller: Caller,
  asked: Pick<ChangeAsked, "protocol" | "name" | "deviceId" | "mark">,
): Promise<CardForChange> {
  const partnerId = caller.kind === "partner" ? caller.partnerId : null;
  return ownCard(caller, await context.store.findCardForChange({ ...asked, partnerId, at: context.clock() }));
}

/** The card, if this caller may see it. @throws LinchpinError `card_unknown` */
function ownCard<Found extends Card>(caller: Caller, card: Found | null): Found {
  if (card === null || (caller.kind === "partner" && caller.partnerId !== card.partnerId))
    throw new LinchpinError("card_unknown");
  noteCard(card.id);
  return card;
}

/** A card by its own id, for operators. @throws LinchpinError `card_unknown` */
export async function findCard(context: Context, id: string): Promise<Card> {
  const card = await context.store.findCard(id);
  if (card === null) throw new LinchpinError("card_unknown");
  noteCard(card.id);
  return card;
}
