import {
  parseEncryptedKey,
  type SessionKey,
  sealPan,
  sealPin,
  type WrappedSessionKey,
} from "@linchpin/protocols/adyen/issuer";
import type {
  PanRevealReply,
  PinChangeReply,
  PinChangeRequest,
  PinRevealReply,
  PinRevealRequest,
} from "@linchpin/protocols/adyen/wire";
import type { Card, ReplayMark } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, checkPinState, findNamedCard, revealCardData, settingsOf } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import { changePin, checkPolicy, type OperationRun, type PinOperation, revealPin } from "../../pin/index.ts";
import { lookForReplay } from "../../steps/index.ts";
import { adyenAudit } from "./audit.ts";
import { type OpenedPin, openAdyenPin, openAdyenSessionKey } from "./open-session-key.ts";
import { spendSessionKey } from "./spend-session-key.ts";

/** The request names no key: every accepted one of this purpose is tried. */
interface OfKeyPurpose {
  readonly keyPurpose: string;
}

/** `POST /pins/change`. A session key is used once, and is known only after it is unwrapped: its replay mark is checked then. */
export const pinsChange: PinOperation<
  PinChangeRequest & OfKeyPurpose,
  PinChangeRequest & OfKeyPurpose & WrappedSessionKey,
  OpenedPin,
  PinChangeReply["status"]
> = {
  name: "adyen.pins.change",
  card: findPaymentInstrument,
  cardState: checkCardState,
  parse: parseWrappedSessionKey,
  sender: null,
  key: null,
  replay: null,
  attempt: null,
  open: openAdyenPin,
  spend: lookForReplay,
  policy: checkPolicyOfOpenedPin,
  commit: changeToOpenedPin,
  event: operationEvent(adyenAudit["adyen.pins.change"], factsOfEncryptedKey),
};

type RevealOperation<Answer, Fact extends string> = PinOperation<
  PinRevealRequest & OfKeyPurpose,
  OfKeyPurpose & WrappedSessionKey,
  SessionKey,
  Answer,
  Card,
  Fact
>;

/**
 * `POST /pins/reveal`. A session key that could not be unwrapped is as good as any: its answer opens nothing. So the
 * ciphertext is spent too; otherwise sending it twice would show whether it was right.
 */
export const pinsReveal: RevealOperation<PinRevealReply, "pinVersion"> = {
  name: "adyen.pins.reveal",
  card: findPaymentInstrument,
  cardState: checkPinState,
  parse: parseWrappedSessionKey,
  sender: null,
  key: null,
  replay: lookForReplay,
  attempt: null,
  open: openAdyenSessionKey,
  spend: spendSessionKey,
  policy: null,
  commit: revealPinUnderSessionKey,
  event: operationEvent(adyenAudit["adyen.pins.reveal"], factsOfEncryptedKey),
};

/** `POST /paymentInstruments/reveal`: PAN and CVC, whatever the PIN's state. */
export const paymentInstrumentsReveal: RevealOperation<PanRevealReply, never> = {
  ...pinsReveal,
  name: "adyen.paymentInstruments.reveal",
  cardState: checkCardState,
  attempt: null,
  policy: null,
  commit: revealPanUnderSessionKey,
  event: operationEvent(adyenAudit["adyen.paymentInstruments.reveal"], factsOfEncryptedKey),
};

async function factsOfEncryptedKey({ encryptedKey }: { encryptedKey: string }, context: Context) {
  return { encryptedKeyHmac: await textDigest(context, encryptedKey) };
}

function findPaymentInstrument(
  context: Context,
  caller: Caller,
  { paymentInstrumentId }: { paymentInstrumentId: string },
): Promise<Card> {
  return findNamedCard(context, caller, "adyen", paymentInstrumentId);
}

async function parseWrappedSessionKey<Request extends { encryptedKey: string }>(
  context: Context,
  request: Request,
): Promise<Request & WrappedSessionKey> {
  return { ...request, ...(await parseEncryptedKey(context.primitives, request)) };
}

function checkPolicyOfOpenedPin(context: Context, { pin }: OpenedPin, card: Card): Promise<void> {
  return checkPolicy(context, pin, card);
}

async function changeToOpenedPin(
  context: Context,
  { card, opened, facts }: OperationRun<unknown, unknown, OpenedPin>,
): Promise<PinChangeReply["status"]> {
  await changePin(context, { card, pin: opened.pin, mark: opened, facts });
  return settingsOf(card.program).offlinePin ? "pending" : "completed";
}

type RevealRun<Fact extends string> = OperationRun<unknown, WrappedSessionKey, SessionKey, Card, Fact>;

function revealPinUnderSessionKey(context: Context, run: RevealRun<"pinVersion">): Promise<PinRevealReply> {
  return revealPin(context, { ...run, mark: markOf(run) }, (pin) => sealPin(context.primitives, pin, run.opened));
}

function revealPanUnderSessionKey(context: Context, run: RevealRun<never>): Promise<PanRevealReply> {
  return revealCardData(context, { ...run, mark: markOf(run) }, ({ pan, cvv2, expiration }) =>
    sealPan(context.primitives, { pan, cvc: cvv2, expiration }, run.opened),
  );
}

/** Of the ciphertext; the session key itself was spent by the step before. */
function markOf({ sealed, opened }: RevealRun<never>): ReplayMark {
  return { mark: sealed.mark, keyId: opened.keyId };
}
