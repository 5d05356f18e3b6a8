import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, issuerAudit } from "../audit/index.ts";
import { findCard } from "../cards/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { cardEvents } from "../outbox/index.ts";

/**
 * Unblocks a blocked PIN and resets its try counter. The card may be blocked: a block of the card and a block of its PIN
 * are independent.
 * @throws LinchpinError `card_unknown`, `card_terminated`; `conflict`: the PIN is not blocked
 */
export async function unblockPin(context: Context, caller: Caller, cardId: string): Promise<Card> {
  const card = await findCard(context, cardId);
  const facts = auditFacts(issuerAudit["issuer.pin.unblock"], caller, { pinVersion: card.pin.version });
  return auditingRefusal(context, { cardId }, facts, async () => {
    if (card.state === "terminated") throw new LinchpinError("card_terminated");
    const result = await context.store.unblockPin(cardId, {
      audit: auditDone(context, { cardId }, facts),
      outbox: cardEvents(context, card, "pin.unblocked", { pinVersion: card.pin.version }),
    });
    if (result !== "unblocked") throw new LinchpinError("conflict", { reason: "the PIN is not blocked" });
    return findCard(context, cardId);
  });
}
