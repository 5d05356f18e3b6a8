import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { cardEvents } from "../outbox/index.ts";
import { type CardData, withStoredCardData } from "./stored-card-data.ts";

/**
 * Opens the card's PAN and CVV2 for as long as `seal` runs; else as `revealPin`.
 * @throws LinchpinError `card_data_not_set`, what `seal` throws
 */
export async function revealCardData<Answer>(
  context: Context,
  { card, facts }: { card: Card; facts: AuditFacts },
  seal: (data: CardData) => Promise<Answer>,
): Promise<Answer> {
  const answer = await withCardData(context, card.id, seal);
  const audit = auditDone(context, { cardId: card.id }, facts);
  await context.store.appendAuditEvent(audit, cardEvents(context, card, "card.data_revealed", {}));
  return answer;
}

/** Opens a card's data for as long as `use` runs, then wipes them. @throws LinchpinError `card_data_not_set`, what `use` throws */
export async function withCardData<Result>(
  context: Context,
  cardId: string,
  use: (data: CardData) => Promise<Result>,
): Promise<Result> {
  const stored = await context.store.findCardData(cardId);
  if (stored === null) throw new LinchpinError("card_data_not_set");
  return withStoredCardData(context, cardId, stored, use);
}
