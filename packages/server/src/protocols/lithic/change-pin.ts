import { LinchpinError } from "@linchpin/core";
import { describeCard, markOf, type OpenedPin, type SealedPin } from "@linchpin/protocols/lithic/issuer";
import type { CardReply, CardUpdate } from "@linchpin/protocols/lithic/wire";
import type { CardForChange } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, findCardForChange, settingsOf } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import { changePin, type OperationRun, type PinOperation, requireChangeAttempt } from "../../pin/index.ts";
import { lookForReplay, refuseReplayed } from "../../steps/index.ts";
import { lithicAudit } from "./audit.ts";
import { changedDetails, checkTypeTakesPin, type Details, describedCard, invalid } from "./card-details.ts";
import { checkPolicyOfLithicPin, marksOf, marksOfReusedPin, openLithicPin, parseLithicPin } from "./sealed-pin.ts";

/** An update of a card, as the path names it. */
export interface Update {
  readonly cardName: string;
  readonly update: CardUpdate;
}

type PinUpdate = Update & { readonly sealedPin: string };
type CardAndDetails = CardForChange & { readonly details: Details; readonly isPaused: boolean };

/** `PATCH /v1/cards/{card_token}` with `pin`; what else is sent is changed in the same transaction. */
export const cardsPin: PinOperation<PinUpdate, SealedPin, OpenedPin, CardReply, CardAndDetails> = {
  name: "lithic.cards.pin",
  card: findLithicCard,
  cardState: checkNotPaused,
  parse: parseLithicPinUpdate,
  sender: null,
  key: null,
  replay: refuseReplayed,
  attempt: requireChangeAttempt,
  open: openLithicPin,
  spend: lookForReplay,
  policy: checkPolicyOfLithicPin,
  commit: changeToLithicPin,
  refusal: marksOfReusedPin,
  event: operationEvent(lithicAudit["lithic.cards.pin"], async ({ sealedPin, update }, context) => ({
    pinHmac: await textDigest(context, sealedPin),
    state: update.state,
    pinStatus: update.pin_status === "OK" ? "OK" : undefined,
  })),
};

async function findLithicCard(
  context: Context,
  caller: Caller,
  { cardName: name, sealedPin, update }: PinUpdate,
): Promise<CardAndDetails> {
  const mark = await markOf(context.primitives, sealedPin);
  const card = await findCardForChange(context, caller, { protocol: "lithic", name, deviceId: null, mark });
  const details = await context.store.findCardDetails(card.id, "lithic");
  return { ...card, details, isPaused: (update.state ?? details["state"]) === "PAUSED" };
}

/** @throws LinchpinError as `checkCardState` does; `card_blocked` also for a card that its partner paused */
function checkNotPaused(card: CardAndDetails): void {
  checkCardState(card);
  if (card.isPaused) throw new LinchpinError("card_blocked");
}

/** What is sent beside the PIN is judged with the PIN's encoding, before anything is opened. @throws LinchpinError `request_invalid` */
function parseLithicPinUpdate(context: Context, request: PinUpdate, card: CardAndDetails): Promise<SealedPin> {
  if (request.update.state === "CLOSED") throw invalid("state", "a card that is closed takes no PIN");
  checkTypeTakesPin(card.details);
  changedDetails(request.update);
  return parseLithicPin(context, request);
}

async function changeToLithicPin(
  context: Context,
  { card, request, sealed, opened, facts }: OperationRun<PinUpdate, SealedPin, OpenedPin, CardAndDetails>,
): Promise<CardReply> {
  const { changeUnblocks, offlinePin } = settingsOf(card.program);
  const unblocks = request.update.pin_status === "OK" || changeUnblocks;
  const changed = { ...changedDetails(request.update), unblocked: null };
  const { version } = await changePin(context, {
    card,
    pin: opened.pin,
    mark: marksOf(sealed, opened),
    facts,
    unblocks,
    kept: { cardDetails: { cardId: card.id, protocol: "lithic", details: changed } },
  });
  const pinStatus = card.pin.status === "blocked" && !unblocks ? "blocked" : "active";
  const after = { changed, pinStatus, pinVersion: version, isChipPending: offlinePin } as const;
  return describeCard(describedCard(card, card.details, after));
}
