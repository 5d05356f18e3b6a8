import { LinchpinError } from "@linchpin/core";
import type { AuditAndOutbox, Card, CardState, KeptByProtocol } from "@linchpin/store";
import {
  type AuditCaller,
  type AuditFacts,
  auditDone,
  auditFacts,
  auditingRefusal,
  issuerAudit,
} from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { cardEvents } from "../outbox/index.ts";
import { findCard } from "./find-card.ts";

/**
 * Blocks, unblocks or terminates a card. Termination is final. Setting the present state changes nothing.
 * @throws LinchpinError `card_unknown`, `card_terminated`
 */
export async function setCardState(
  context: Context,
  caller: AuditCaller,
  { cardId, state }: { cardId: string; state: CardState },
): Promise<Card> {
  const card = await findCard(context, cardId);
  const facts = auditFacts(issuerAudit["issuer.card.set_state"], caller, { state });
  return auditingRefusal(context, { cardId }, facts, async () => {
    if (card.state === "terminated") throw new LinchpinError("card_terminated");
    if (card.state === state) return card;
    const result = await context.store.setCardState(cardId, state, await stateChange(context, card, state, facts));
    if (result !== "set") throw new LinchpinError("card_terminated");
    return findCard(context, cardId);
  });
}

/** What is written with a card's new state: its audit event, and what tells the operator and the partners of it. */
export async function stateChange(
  context: Context,
  card: Card,
  state: CardState,
  facts: AuditFacts,
  kept: KeptByProtocol = {},
): Promise<AuditAndOutbox> {
  const notifications = Object.values(context.webhooks).map(({ cardStateChanged }) =>
    cardStateChanged(context, card, state),
  );
  return {
    audit: auditDone(context, { cardId: card.id }, facts),
    outbox: [
      ...cardEvents(context, card, "card.state_changed", { state }),
      ...(await Promise.all(notifications)).flat(),
    ],
    ...kept,
  };
}
