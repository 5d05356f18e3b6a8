import { LinchpinError } from "@linchpin/core";
import { describeCard } from "@linchpin/protocols/stripe/issuer";
import type { CardReply } from "@linchpin/protocols/stripe/wire";
import type { Card } from "@linchpin/store";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal } from "../../audit/index.ts";
import { checkCardState, findCard, findNamedCard, stateChange } from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { cardEvents } from "../../outbox/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { stripeAudit } from "./audit.ts";
import { changedDetails, describedCard, viewOf } from "./card-details.ts";
import { cardsPin, type Update } from "./change-pin.ts";

/**
 * Changes a card's PIN, status, metadata or spending controls, whichever are sent.
 * @throws LinchpinError `card_unknown`, `card_blocked`, `card_terminated`, `request_invalid`, and what the steps of
 *   `cardsPin` refuse with
 */
export async function updateCard(context: Context, caller: PartnerCaller, request: Update): Promise<CardReply> {
  const { pin, ...others } = request.update;
  if (pin !== undefined)
    return runPinOperation(context, cardsPin, caller, { ...request, encryptedNumber: pin.encrypted_number });
  if (Object.keys(others).length === 0) return readCard(context, caller, request);
  const card = await findNamedCard(context, caller, "stripe", request.cardName);
  const facts = auditFacts(stripeAudit["stripe.cards.update"], caller, {
    status: others.status,
    cancellationReason: others.cancellation_reason,
  });
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    checkCardState(card);
    return changeCard(context, card, request, facts);
  });
}

/** @throws LinchpinError `card_unknown` */
export async function readCard(
  context: Context,
  caller: PartnerCaller,
  { cardName, isLive }: Pick<Update, "cardName" | "isLive">,
): Promise<CardReply> {
  const card = await findNamedCard(context, caller, "stripe", cardName);
  return describeCard(describedCard(card, await viewOf(context, card.id), { isLive }));
}

/** One statement. @throws LinchpinError `request_invalid`; `card_blocked`, `card_terminated` where the operator was quicker */
async function changeCard(
  context: Context,
  card: Card,
  { update, isLive, keepAnswer }: Update,
  facts: AuditFacts,
): Promise<CardReply> {
  const view = await viewOf(context, card.id);
  const changed = changedDetails(update, view.details);
  const state = update.status === "canceled" ? "terminated" : card.state;
  const unblocks = update.status === "active" && card.pin.status === "blocked";
  const after = { isLive, changed, state, isPinBlocked: card.pin.status === "blocked" && !unblocks };
  const reply = describeCard(describedCard(card, view, after));
  const answer = keepAnswer(reply);
  const cardDetails = { cardId: card.id, protocol: "stripe", details: changed };
  const kept = { cardDetails, ...(answer && { answer }) };
  const audit = auditDone(context, { cardId: card.id }, facts);
  if (state === "terminated") {
    const result = await context.store.setCardState(
      card.id,
      state,
      await stateChange(context, card, state, facts, kept),
    );
    if (result !== "set") throw new LinchpinError("card_terminated");
    return reply;
  }
  if (unblocks) {
    const outbox = cardEvents(context, card, "pin.unblocked", { pinVersion: card.pin.version });
    if ((await context.store.unblockPin(card.id, { audit, outbox, ...kept })) === "unblocked") return reply;
  }
  if ((await context.store.setCardDetails({ audit, outbox: [], ...kept })) === "set") return reply;
  checkCardState(await findCard(context, card.id));
  throw new LinchpinError("unavailable");
}
