import { LinchpinError } from "@linchpin/core";
import { describeCard } from "@linchpin/protocols/lithic/issuer";
import type { CardReply } from "@linchpin/protocols/lithic/wire";
import type { Card } from "@linchpin/store";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal } from "../../audit/index.ts";
import { checkCardState, findCard, findNamedCard, settingsOf, stateChange } from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { cardEvents } from "../../outbox/index.ts";
import { runPinOperation } from "../../pin/index.ts";
import { lithicAudit } from "./audit.ts";
import { changedDetails, describedCard } from "./card-details.ts";
import { cardsPin, type Update } from "./change-pin.ts";

/**
 * Changes a card's PIN, state or what is kept of it, whichever are sent.
 * @throws LinchpinError `card_unknown`, `card_blocked`, `card_terminated`, `request_invalid`, and what the steps of
 *   `cardsPin` refuse with
 */
export async function updateCard(context: Context, caller: PartnerCaller, request: Update): Promise<CardReply> {
  const { pin, state, pin_status } = request.update;
  if (pin !== undefined) return runPinOperation(context, cardsPin, caller, { ...request, sealedPin: pin });
  const card = await findNamedCard(context, caller, "lithic", request.cardName);
  const pinStatus = pin_status === "OK" ? pin_status : undefined;
  const facts = auditFacts(lithicAudit["lithic.cards.update"], caller, { state, pinStatus });
  return auditingRefusal(context, { cardId: card.id }, facts, async () => {
    checkCardState(card);
    await changeCard(context, card, request, facts);
    return readCard(context, caller, request.cardName);
  });
}

/** @throws LinchpinError `card_unknown` */
export async function readCard(context: Context, caller: PartnerCaller, cardName: string): Promise<CardReply> {
  const card = await findNamedCard(context, caller, "lithic", cardName);
  return describeCard(describedCard(card, await context.store.findCardDetails(card.id, "lithic")));
}

/** One statement. @throws LinchpinError `request_invalid`; `card_blocked`, `card_terminated` where the operator was quicker */
async function changeCard(context: Context, card: Card, { update }: Update, facts: AuditFacts): Promise<void> {
  const { status, version } = card.pin;
  const details = changedDetails(update);
  const cardDetails = { cardId: card.id, protocol: "lithic", details };
  const audit = auditDone(context, { cardId: card.id }, facts);
  if (update.state === "CLOSED") {
    const written = await stateChange(context, card, "terminated", facts, { cardDetails });
    if ((await context.store.setCardState(card.id, "terminated", written)) !== "set")
      throw new LinchpinError("card_terminated");
    return;
  }
  if (update.pin_status === "OK" && status === "blocked") {
    const { offlinePin: isChipPending } = settingsOf(card.program);
    const unblocked = isChipPending ? { unblocked: String(version) } : {};
    const outbox = cardEvents(context, card, "pin.unblocked", { pinVersion: version });
    const kept = { cardDetails: { ...cardDetails, details: { ...details, ...unblocked } } };
    if ((await context.store.unblockPin(card.id, { audit, outbox, ...kept }, { isChipPending })) === "unblocked")
      return;
  }
  if ((await context.store.setCardDetails({ audit, outbox: [], cardDetails })) === "set") return;
  checkCardState(await findCard(context, card.id));
  throw new LinchpinError("unavailable");
}
