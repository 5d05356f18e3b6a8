import { randomBytes } from "node:crypto";
import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, claimedName, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { findCard } from "./find-card.ts";

/**
 * Assigns a card's identifier in a protocol. Needed for cards that were created before this protocol was enabled.
 * @throws LinchpinError `card_unknown`; `not_found`: cards have no names in this protocol; `conflict`: the card has a
 * name there, or the name is another card's
 */
export async function nameCard(
  context: Context,
  caller: Caller,
  { cardId, protocol, name }: { cardId: string; protocol: string; name: string | undefined },
): Promise<Card> {
  const { cardNameMakers } = context;
  const makeName = Object.hasOwn(cardNameMakers, protocol) ? cardNameMakers[protocol] : undefined;
  if (makeName === undefined) throw new LinchpinError("not_found", { field: "protocol" });
  const named = { protocol, name: name ?? makeName(randomBytes) };
  const facts = auditFacts(issuerAudit["issuer.card.name"], caller, { protocol, name: claimedName(named.name) });
  await findCard(context, cardId);
  return auditingRefusal(context, { cardId }, facts, async () => {
    const result = await context.store.addCardName(cardId, named, {
      audit: auditDone(context, { cardId }, facts.with(named)),
      outbox: [],
    });
    if (result === "unknown") throw new LinchpinError("card_unknown");
    if (result === "exists")
      throw new LinchpinError("conflict", { reason: "the card has a name there, or it is another's" });
    return findCard(context, cardId);
  });
}
