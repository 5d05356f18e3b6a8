import { LinchpinError, utf8 } from "@linchpin/core";
import type { PinSetByPanRequest } from "@linchpin/protocols/worldline/wire";
import type { Card, CardOfPan } from "@linchpin/store";
import { findCardOfPan, findOwnCard } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";

/** How a request names its card: by one of three. */
export type CardNaming =
  | { readonly cardReference: string }
  /** The issuer's own id for the card. */
  | { readonly externalReference: string }
  | {
      readonly pan: string;
      /** MMYY. */
      readonly expiry: string | undefined;
    };

/** The members by which a request names a card by its PAN. */
export type OfPan = Pick<
  PinSetByPanRequest,
  "pan" | "encryptedPan" | "panSequenceNumber" | "panExpiryDate" | "pinBlockPan" | "encryptedPinBlockPan"
>;

/** @throws LinchpinError `request_invalid` */
export function namingOfPan({ pan, encryptedPan, panSequenceNumber, panExpiryDate, ...block }: OfPan): CardNaming {
  if (encryptedPan !== undefined || block.encryptedPinBlockPan !== undefined)
    throw invalid("pan", "encryptedPan and encryptedPinBlockPan need zone keys, which are not here: send pan in clear");
  if (pan === undefined) throw invalid("pan", "pan is required");
  if (panSequenceNumber === undefined && panExpiryDate === undefined)
    throw invalid("panExpiryDate", "panSequenceNumber or panExpiryDate is required beside pan");
  return { pan, expiry: panExpiryDate };
}

/** The card's reference. @throws LinchpinError `card_unknown` */
export async function findReference(context: Context, caller: Caller, naming: CardNaming): Promise<string> {
  if ("cardReference" in naming) return naming.cardReference;
  return referenceOf(await findNamed(context, caller, naming));
}

/** @throws LinchpinError `card_unknown`: the card was made before this protocol was turned on */
export function referenceOf({ names }: Card): string {
  const name = names["worldline"];
  if (name === undefined) throw new LinchpinError("card_unknown", { reason: "the card has no cardReference" });
  return name;
}

function findNamed(
  context: Context,
  caller: Caller,
  naming: Exclude<CardNaming, { readonly cardReference: string }>,
): Promise<Card> {
  if ("externalReference" in naming) return findOwnCard(context, caller, "worldline", naming.externalReference);
  const { pan, expiry } = naming;
  const isMeant = ({ expiration }: CardOfPan) => expiry === undefined || expiryOf(expiration) === expiry;
  return findCardOfPan(context, caller, "worldline", { pan: utf8(pan), isMeant });
}

/** A card of another expiry is not the one that is meant. @throws LinchpinError `card_unknown` */
export async function checkExpiry({ store }: Context, { id }: Card, expiry: string | undefined): Promise<void> {
  if (expiry === undefined) return;
  const data = await store.findCardData(id);
  if (data !== null && expiryOf(data.expiration) === expiry) return;
  throw new LinchpinError("card_unknown", { reason: "panExpiryDate is not the card's" });
}

/** MMYY */
const expiryOf = ({ month, year }: CardOfPan["expiration"]) =>
  `${String(month).padStart(2, "0")}${String(year % 100).padStart(2, "0")}`;

function invalid(field: string, reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field, reason });
}
