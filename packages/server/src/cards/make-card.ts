import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { auditDone, auditFacts, issuerAudit } from "../audit/index.ts";
import type { Caller, Context } from "../context/index.ts";
import { makeId } from "../identifiers.ts";
import { makeCardNames } from "./card-names.ts";
import { findCard } from "./find-card.ts";

/**
 * Adds a card without a PIN. The issuer makes the identifiers that are not given.
 * @throws LinchpinError `person_unknown`; `not_found`: no such program; `conflict`: a name is another card's
 */
export async function makeCard(
  context: Context,
  caller: Caller,
  given: { personId: string; programId: string; names: Readonly<Record<string, string>> },
): Promise<Card> {
  const { personId, programId } = given;
  const card = {
    id: makeId(),
    personId,
    programId,
    names: { ...makeCardNames(context.cardNameMakers), ...given.names },
  };
  const facts = auditFacts(issuerAudit["issuer.card.make"], caller, { personId, programId, names: card.names });
  const result = await context.store.addCard(
    { ...card, createdAt: context.clock() },
    { audit: auditDone(context, { cardId: card.id }, facts), outbox: [] },
  );
  if (result === "person_unknown") throw new LinchpinError("person_unknown", { field: "personId" });
  if (result === "program_unknown") throw new LinchpinError("not_found", { field: "programId" });
  if (result === "exists") throw new LinchpinError("conflict", { field: "names", reason: "a name is another card's" });
  return findCard(context, card.id);
}
