import { LinchpinError } from "@linchpin/core";
import { type DescribedCard, metadataPrefix } from "@linchpin/protocols/stripe/issuer";
import type { CardCreate, CardUpdate } from "@linchpin/protocols/stripe/wire";
import type { Card, CardDetailsChange } from "@linchpin/store";
import type { Context } from "../../context/index.ts";

type Details = CardDetailsChange["details"];

/** What is known of a card beside its own record. */
export interface CardView {
  readonly details: Readonly<Record<string, string>>;
  readonly expiration: DescribedCard["expiration"];
}

export async function viewOf({ store }: Context, cardId: string): Promise<CardView> {
  const [details, data] = await Promise.all([store.findCardDetails(cardId, "stripe"), store.findCardData(cardId)]);
  return { details, expiration: data?.expiration ?? null };
}

/** A card as it will be described once `changed` is kept and `state` and PIN are as given. */
export function describedCard(
  card: Card,
  { details, expiration }: CardView,
  {
    isLive,
    changed = {},
    state = card.state,
    isPinBlocked = card.pin.status === "blocked",
  }: { isLive: boolean; changed?: Details; state?: Card["state"]; isPinBlocked?: boolean },
): DescribedCard {
  const kept = Object.entries({ ...details, ...changed }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return {
    id: card.names["stripe"] ?? "",
    state,
    isPinBlocked,
    personId: card.person.id,
    createdAt: card.createdAt,
    expiration,
    details: Object.fromEntries(kept),
    isLive,
  };
}

/**
 * What a request changes of what is kept of a card.
 * @throws LinchpinError `request_invalid`: a reason of a cancellation without one, or a PIN with one
 */
export function changedDetails(
  request: Partial<Omit<CardCreate, "status">> & CardUpdate,
  known: CardView["details"],
): Details {
  const { status, cancellation_reason, metadata, spending_controls, currency, type, pin } = request;
  if (cancellation_reason !== undefined && status !== "canceled")
    throw invalid("cancellation_reason", "only a card that is canceled has a cancellation_reason");
  if (pin !== undefined && status === "canceled") throw invalid("status", "a card that is canceled takes no PIN");
  const changed: Record<string, string | null> = {};
  if (status === "active" || status === "inactive") changed["status"] = status;
  if (cancellation_reason !== undefined) changed["cancellation_reason"] = cancellation_reason;
  if (currency !== undefined) changed["currency"] = currency.toLowerCase();
  if (type !== undefined) changed["type"] = type;
  if (spending_controls !== undefined) changed["spending_controls"] = JSON.stringify(withNumbers(spending_controls));
  return { ...changed, ...changedMetadata(metadata, known) };
}

const maxMetadata = 50;

/** @throws LinchpinError `request_invalid`: the card would have too many */
function changedMetadata(metadata: CardUpdate["metadata"], known: CardView["details"]): Details {
  if (metadata === undefined) return {};
  const kept = Object.keys(known).filter((name) => name.startsWith(metadataPrefix));
  if (metadata === "") return Object.fromEntries(kept.map((name) => [name, null]));
  const changed = Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [metadataPrefix + key, value === "" ? null : value]),
  );
  const names = new Set([...kept, ...Object.keys(changed)]);
  const count = [...names].filter((name) => changed[name] !== null).length;
  if (count > maxMetadata) throw invalid("metadata", `a card has at most ${maxMetadata} metadata`);
  return changed;
}

/** Amounts of spending limits are numbers in an answer, and texts in a form. */
function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === "amount" && /^\d{1,12}$/.test(String(each)) ? Number(each) : withNumbers(each),
    ]),
  );
}

function invalid(field: string, reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field, reason });
}
