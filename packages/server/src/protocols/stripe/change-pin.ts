import type { Pin } from "@linchpin/core";
import { describeCard, markOf, type SealedPin } from "@linchpin/protocols/stripe/issuer";
import type { CardReply, CardUpdate } from "@linchpin/protocols/stripe/wire";
import type { CardForChange } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, findCardForChange, settingsOf } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import type { KeepAnswer } from "../../idempotency/index.ts";
import {
  changePin,
  checkPolicyButPresentPin,
  type OperationRun,
  type PinOperation,
  requireChangeAttempt,
} from "../../pin/index.ts";
import { refuseReplayed } from "../../steps/index.ts";
import { stripeAudit } from "./audit.ts";
import { type CardView, changedDetails, describedCard, viewOf } from "./card-details.ts";
import { findStripeKey, marksOfReusedPin, openStripePin, parseMarkedStripePin } from "./sealed-pin.ts";

/** An update of a card, as the path names it. */
export interface Update {
  readonly cardName: string;
  readonly update: CardUpdate;
  readonly isLive: boolean;
  readonly keepAnswer: KeepAnswer;
}

type PinUpdate = Update & { readonly encryptedNumber: string };
type CardAndView = CardForChange & { readonly mark: Uint8Array; readonly view: CardView };

/** `POST /v1/issuing/cards/{id}` with `pin`; what else is sent is changed in the same transaction. */
export const cardsPin: PinOperation<PinUpdate, SealedPin, Pin, CardReply, CardAndView> = {
  name: "stripe.cards.pin",
  card: findStripeCard,
  cardState: checkCardState,
  parse: parseStripePinUpdate,
  sender: null,
  key: findStripeKey,
  replay: refuseReplayed,
  attempt: requireChangeAttempt,
  open: openStripePin,
  spend: null,
  policy: checkPolicyButPresentPin,
  commit: changeToStripePin,
  refusal: marksOfReusedPin,
  event: operationEvent(stripeAudit["stripe.cards.pin"], async ({ encryptedNumber, update }, context) => ({
    encryptedNumberHmac: await textDigest(context, encryptedNumber),
    status: update.status,
    cancellationReason: update.cancellation_reason,
  })),
};

async function findStripeCard(
  context: Context,
  caller: Caller,
  { cardName: name, encryptedNumber }: PinUpdate,
): Promise<CardAndView> {
  const mark = await markOf(context.primitives, encryptedNumber);
  const card = await findCardForChange(context, caller, { protocol: "stripe", name, deviceId: null, mark });
  return { ...card, mark, view: await viewOf(context, card.id) };
}

/** What is sent beside the PIN is judged with the JWE's shape, before anything is opened. @throws LinchpinError `request_invalid` */
function parseStripePinUpdate(context: Context, request: PinUpdate, card: CardAndView): Promise<SealedPin> {
  changedDetails(request.update, card.view.details);
  return parseMarkedStripePin(context, request, card);
}

async function changeToStripePin(
  context: Context,
  { card, request, sealed: mark, opened: pin, facts }: OperationRun<PinUpdate, SealedPin, Pin, CardAndView>,
): Promise<CardReply> {
  const { update, isLive, keepAnswer } = request;
  const isBlocked = card.pin.status === "blocked";
  const unblocks = update.status === "active" ? true : settingsOf(card.program).changeUnblocks;
  const changed = {
    // Reactivating is a call of its own: a change that unblocks the PIN leaves the status as it is.
    ...(isBlocked ? { status: "inactive" } : {}),
    ...changedDetails(update, card.view.details),
  };
  const reply = describeCard(describedCard(card, card.view, { isLive, changed, isPinBlocked: isBlocked && !unblocks }));
  const answer = keepAnswer(reply);
  await changePin(context, {
    card,
    pin,
    mark,
    facts,
    unblocks,
    policy: checkPolicyButPresentPin,
    kept: { cardDetails: { cardId: card.id, protocol: "stripe", details: changed }, ...(answer && { answer }) },
  });
  return reply;
}
