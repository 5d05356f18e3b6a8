import { LinchpinError } from "@linchpin/core";
import { markOf } from "@linchpin/protocols/sealed-pin/issuer";
import type { PinUpdateRequest } from "@linchpin/protocols/solaris/wire";
import type { Card, CardForChange } from "@linchpin/store";
import type { Caller, Context } from "../context/context.ts";

/** A card by its name in a protocol. Another partner's card is no card. @throws LinchpinError `card_unknown` */
export async function findNamedCard(context: Context, caller: Caller, protocol: string, name: string): Promise<Card> {
  return ownCard(caller, await context.store.findCardByName(protocol, name));
}

/** The same by its name at Solaris, with the device that signed and a look at the replay marks. @throws LinchpinError `card_unknown` */
export async function findCardForChange(
  context: Context,
  caller: Caller,
  { cardName: name, device_id: deviceId, encrypted_pin }: PinUpdateRequest & { cardName: string },
): Promise<CardForChange> {
  const mark = await markOf(context.primitives, encrypted_pin);
  return ownCard(caller, await context.store.findCardForChange({ protocol: "solaris", name, deviceId, mark }));
}

function ownCard<Found extends Card>(caller: Caller, card: Found | null): Found {
  if (card === null || (caller.kind === "partner" && caller.partnerId !== card.partnerId))
    throw new LinchpinError("card_unknown");
  return card;
}

/** A card by its own id, for operators. @throws LinchpinError `card_unknown` */
export async function findCard(context: Context, id: string): Promise<Card> {
  const card = await context.store.findCard(id);
  if (card === null) throw new LinchpinError("card_unknown");
  return card;
}
