import type { ErrorCode } from "@linchpin/core";
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
import type { Card, CardForChange, MarksOfMessage } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import {
  checkCardState,
  checkPinState,
  findCardForChange,
  findNamedCard,
  revealCardData,
  settingsOf,
} from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import {
  changePin,
  checkPolicy,
  type OperationRun,
  type PinOperation,
  requireChangeAttempt,
  revealPin,
} from "../../pin/index.ts";
import { lookForReplay, refuseReplayed } from "../../steps/index.ts";
import { adyenAudit } from "./audit.ts";
import { type OpenedPin, openAdyenPin, openAdyenSessionKey, pinOf } from "./open-session-key.ts";
import { spendSessionKeyAndCiphertext } from "./spend-session-key.ts";

/** The request names no key: every accepted one of this purpose is tried. */
interface OfKeyPurpose {
  readonly keyPurpose: string;
}

/**
 * `POST /pins/change`. What is used once is the session key, which shows only when it is open: replay is looked up then.
 * The PIN block has no tag, so that any refusal could show whether the session key was unwrapped: each spends the
 * session key and its ciphertext.
 */
export const pinsChange: PinOperation<
  PinChangeRequest & OfKeyPurpose,
  PinChangeRequest & OfKeyPurpose & WrappedSessionKey,
  OpenedPin,
  PinChangeReply["status"],
  CardForChange & WrappedSessionKey
> = {
  name: "adyen.pins.change",
  card: findPaymentInstrumentForChange,
  cardState: checkCardState,
  parse: takeParsedSessionKey,
  sender: null,
  key: null,
  replay: refuseReplayed,
  attempt: requireChangeAttempt,
  open: openAdyenPin,
  spend: lookForReplay,
  policy: checkPolicyOfOpenedPin,
  commit: changeToOpenedPin,
  refusal: marksOfRefusedChange,
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
 * ciphertext is spent with it, before anything else is looked at; otherwise sending it twice would show whether it was
 * right.
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
  spend: spendSessionKeyAndCiphertext,
  policy: null,
  commit: revealPinUnderSessionKey,
  refusal: null,
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

/** The ciphertext is parsed before the card is looked up, so that one query looks for its replay mark too. */
async function findPaymentInstrumentForChange(
  context: Context,
  caller: Caller,
  request: PinChangeRequest,
): Promise<CardForChange & WrappedSessionKey> {
  const wrapped = await parseEncryptedKey(context.primitives, request);
  const asked = { protocol: "adyen", name: request.paymentInstrumentId, deviceId: null, mark: wrapped.mark };
  return { ...(await findCardForChange(context, caller, asked)), ...wrapped };
}

async function takeParsedSessionKey<Request>(
  _context: Context,
  request: Request,
  { wrappedKey, mark }: WrappedSessionKey,
): Promise<Request & WrappedSessionKey> {
  return { ...request, wrappedKey, mark };
}

async function parseWrappedSessionKey<Request extends { encryptedKey: string }>(
  context: Context,
  request: Request,
): Promise<Request & WrappedSessionKey> {
  return { ...request, ...(await parseEncryptedKey(context.primitives, request)) };
}

async function checkPolicyOfOpenedPin(context: Context, opened: OpenedPin, card: Card): Promise<void> {
  await checkPolicy(context, pinOf(opened), card);
}

function marksOfRefusedChange(code: ErrorCode, opened: OpenedPin, { mark }: WrappedSessionKey): MarksOfMessage | null {
  return code === "replayed" ? null : [opened, { mark, keyId: opened.keyId }];
}

async function changeToOpenedPin(
  context: Context,
  { card, opened, facts }: OperationRun<unknown, unknown, OpenedPin>,
): Promise<PinChangeReply["status"]> {
  await changePin(context, { card, pin: pinOf(opened), mark: opened, facts });
  return settingsOf(card.program).offlinePin ? "pending" : "completed";
}

type RevealRun<Fact extends string> = OperationRun<unknown, WrappedSessionKey, SessionKey, Card, Fact>;

function revealPinUnderSessionKey(context: Context, run: RevealRun<"pinVersion">): Promise<PinRevealReply> {
  return revealPin(context, run, (pin) => sealPin(context.primitives, pin, run.opened));
}

function revealPanUnderSessionKey(context: Context, run: RevealRun<never>): Promise<PanRevealReply> {
  return revealCardData(context, run, ({ pan, cvv2, expiration }) =>
    sealPan(context.primitives, { pan, cvc: cvv2, expiration }, run.opened),
  );
}
