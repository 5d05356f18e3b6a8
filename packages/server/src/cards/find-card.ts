import { LinchpinError } from "@linchpin/core";
import type { Card, CardForChange, CardForMessage, CardForSession, CardOfPan, ChangeAsked } from "@linchpin/store";
import { type Caller, type Context, noteCard } from "../context/index.ts";
import { findCardsByPan } from "./pan-index.ts";
import { settingsOf } from "./program-settings.ts";

/** A card by its name in a protocol. Another partner's card is refused as unknown. @throws LinchpinError `card_unknown` */
export async function findNamedCard(context: Context, caller: Caller, protocol: string, name: string): Promise<Card> {
  return openTo(protocol, ownCard(caller, await context.store.findCardByName(protocol, name)));
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
  const found = await context.store.findCardForChange({ ...asked, partnerId, at: context.clock() });
  return openTo(asked.protocol, ownCard(caller, found));
}

/** A card by its name in the native protocol, with what a session for it is made of. @throws LinchpinError `card_unknown` */
export async function findCardForSession(
  context: Context,
  caller: Caller,
  asked: { readonly name: string; readonly device: string | null },
): Promise<CardForSession> {
  return ownCard(caller, await context.store.findCardForSession({ ...asked, at: context.clock() }));
}

/** The same with what a message to a session is checked against. @throws LinchpinError `card_unknown` */
export async function findCardForMessage(
  { store }: Context,
  caller: Caller,
  asked: { readonly name: string; readonly device: string | null; readonly sessionHash: Uint8Array },
): Promise<CardForMessage> {
  return ownCard(caller, await store.findCardForMessage(asked));
}

/**
 * A card by the issuer's own id for it, for a partner that knows the card by that.
 * @throws LinchpinError `card_unknown`
 */
export async function findOwnCard(context: Context, caller: Caller, protocol: string, id: string): Promise<Card> {
  return openTo(protocol, ownCard(caller, await context.store.findCard(id)));
}

/**
 * The caller's one card of this PAN, ASCII digits, that `isMeant` tells from others of the same PAN.
 * @throws LinchpinError `card_unknown`, also where several cards are meant
 */
export async function findCardOfPan(
  context: Context,
  caller: Caller,
  protocol: string,
  { pan, isMeant }: { pan: Uint8Array; isMeant: (found: CardOfPan) => boolean },
): Promise<Card> {
  const found = (await findCardsByPan(context, pan)).filter(isMeant).map(({ card }) => card);
  const own = found.filter(({ partnerId }) => caller.kind !== "partner" || partnerId === caller.partnerId);
  return openTo(protocol, ownCard(caller, own.length === 1 ? (own[0] ?? null) : null));
}

/** To a vendor's protocol, a card that is for the native one alone is unknown. @throws LinchpinError `card_unknown` */
function openTo<Found extends Card>(protocol: string, card: Found): Found {
  if (protocol === "native" || !settingsOf(card.program).nativeOnly) return card;
  throw new LinchpinError("card_unknown", { reason: "the card's program is for the native protocol alone" });
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
