import { LinchpinError } from "@linchpin/core";
import { type DescribedCard, typeOf } from "@linchpin/protocols/lithic/issuer";
import type { CardCreate, CardUpdate } from "@linchpin/protocols/lithic/wire";
import type { Card, CardDetailsChange } from "@linchpin/store";

export type Details = Readonly<Record<string, string>>;
type Change = CardDetailsChange["details"];

/** A card as it will be described once `changed` is kept and what is named of the card is as given. */
export function describedCard(
  card: Card,
  details: Details,
  {
    changed = {},
    ...after
  }: { changed?: Change } & Partial<Pick<DescribedCard, "state" | "pinStatus" | "pinVersion" | "isChipPending">> = {},
): DescribedCard {
  const { status, version, chipVersion } = card.pin;
  const kept = Object.entries({ ...details, ...changed }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    token: card.names["lithic"] ?? "",
    personId: card.person.id,
    programId: card.program.id,
    createdAt: card.createdAt,
    state: card.state,
    pinStatus: status,
    pinVersion: version,
    isChipPending: chipVersion !== version,
    details: Object.fromEntries(kept),
    ...after,
  };
}

type Sent = Partial<Pick<CardCreate, "type" | "memo" | "spend_limit" | "spend_limit_duration">> &
  Pick<CardUpdate, "state" | "pin_status">;

/**
 * What a request changes of what is kept of a card.
 * @throws LinchpinError `request_invalid`: a PIN status other than OK
 */
export function changedDetails({ type, memo, spend_limit, spend_limit_duration, state, pin_status }: Sent): Change {
  if (pin_status !== undefined && pin_status !== "OK") throw invalid("pin_status", "the PIN status is not OK");
  return {
    ...(type === undefined ? {} : { type }),
    ...(memo === undefined ? {} : { memo }),
    ...(spend_limit === undefined ? {} : { spend_limit: String(spend_limit) }),
    ...(spend_limit_duration === undefined ? {} : { spend_limit_duration }),
    ...(state === "PAUSED" ? { state } : {}),
    ...(state === "OPEN" ? { state: null } : {}),
  };
}

const typesWithPin: readonly string[] = ["PHYSICAL", "VIRTUAL"];

/** @throws LinchpinError `request_invalid`: cards of this type have no PIN */
export function checkTypeTakesPin(details: Change): void {
  if (!typesWithPin.includes(typeOf(details as Details)))
    throw invalid("pin", "only physical and virtual cards have a PIN");
}

export function invalid(field: string, reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field, reason });
}
