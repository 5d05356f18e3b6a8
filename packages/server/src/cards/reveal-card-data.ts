import { LinchpinError } from "@linchpin/core";
import type { Card, ReplayMark } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { recordReveal } from "../steps/index.ts";
import { type CardData, withStoredCardData } from "./stored-card-data.ts";

/**
 * Opens the card's PAN and CVV2 while `seal` runs, and returns its result once the reveal is recorded. `mark` is null
 * where the request has nothing that could be replayed.
 * @throws LinchpinError `card_data_not_set`, `replayed`, what `seal` throws
 */
export async function revealCardData<Answer>(
  context: Context,
  { card, mark, facts }: { card: Card; mark: ReplayMark | null; facts: AuditFacts },
  seal: (data: CardData) => Promise<Answer>,
): Promise<Answer> {
  const stored = await context.store.findCardData(card.id);
  if (stored === null) throw new LinchpinError("card_data_not_set");
  const answer = await withStoredCardData(context, card.id, stored, seal);
  await recordReveal(context, mark, auditDone(context, { cardId: card.id }, facts));
  return answer;
}
