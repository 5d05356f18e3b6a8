import { LinchpinError } from "@linchpin/core";
import { auditDone, auditFacts, auditingRefusal, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { findCard } from "./find-card.ts";
import { hasCheckDigit } from "./pan.ts";
import { type CardData, sealCardData } from "./stored-card-data.ts";

/**
 * Stores a card's PAN, CVV2 and expiration date, or replaces them. A blocked card is accepted.
 * @throws LinchpinError `card_unknown`, `card_terminated`; `request_invalid`: the PAN's check digit is wrong
 */
export async function setCardData(
  context: Context,
  caller: Caller,
  { cardId, data }: { cardId: string; data: CardData },
): Promise<void> {
  const card = await findCard(context, cardId);
  const facts = auditFacts(issuerAudit["issuer.card.set_data"], caller, { expiration: { ...data.expiration } });
  return auditingRefusal(context, { cardId }, facts, async () => {
    if (card.state === "terminated") throw new LinchpinError("card_terminated");
    if (!hasCheckDigit(data.pan))
      throw new LinchpinError("request_invalid", { field: "pan", reason: "the check digit is wrong" });
    const stored = await sealCardData(context, cardId, data);
    await context.store.setCardData(cardId, stored, { audit: auditDone(context, { cardId }, facts), outbox: [] });
  });
}
