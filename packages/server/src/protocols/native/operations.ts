import { type AgreementKey, LinchpinError } from "@linchpin/core";
import {
  type Message,
  openMessage,
  type Parts,
  parseMessage,
  readPin,
  type Session,
  sealingKey,
  verifyDeviceSignature,
} from "@linchpin/protocols/native/issuer";
import type { OperationRequest } from "@linchpin/protocols/native/wire";
import type { Card, CardForMessage, SpentSession } from "@linchpin/store";
import { type AuditEventKind, type OperationEvent, operationEvent } from "../../audit/index.ts";
import { findCardForChange, findCardForMessage, settingsOf } from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { checkPolicy, requireChangeAttempt } from "../../pin/index.ts";
import { type MessageFact, nativeAudit } from "./audit.ts";
import { asksPresentPin, checkChangeByCode } from "./authorizations.ts";
import { bindKey, changePin, comparePin, revealCardDataToDevice, revealPinToDevice } from "./commit-operation.ts";
import { agreementKeyOf, findKeyOfSession } from "./native-keys.ts";
import { isOfSessionsVersion, type NativeOperation, type NativeRun } from "./native-operation.ts";
import { codeRecipientOf, type ExpectedCode, findExpectedCode } from "./session-code.ts";

const pinVerify: NativeOperation = {
  name: "native.pin_verify",
  card: findCardKeyAndSpentSession,
  parse: parseSessionMessage,
  sender: checkBoundKeySignature,
  key: findSealingKey,
  replay: takeSpentSession,
  attempt: null,
  open: openPinField,
  policy: null,
  commit: comparePin,
  event: messageEvent(nativeAudit["native.pin_verify"]),
};

const pinChange: NativeOperation = {
  ...pinVerify,
  name: "native.pin_change",
  attempt: countChange,
  open: openParts,
  policy: checkNewPin,
  commit: changePin,
  event: messageEvent(nativeAudit["native.pin_change"]),
};

/** No device signs: the code, sealed together with the card's digits, says who sent it. */
const pinChangeByCode: NativeOperation = {
  ...pinChange,
  name: "native.pin_change_by_code",
  sender: null,
  attempt: findCodeOfChange,
  policy: countAndCheckNewPin,
  event: messageEvent(nativeAudit["native.pin_change_by_code"]),
};

const bind: NativeOperation = {
  ...pinVerify,
  name: "native.bind",
  sender: checkNewKeySignature,
  attempt: findCode,
  open: openParts,
  policy: checkPresentPin,
  commit: bindKey,
  event: messageEvent(nativeAudit["native.bind"]),
};

const pinReveal: NativeOperation = {
  ...pinVerify,
  name: "native.pin_reveal",
  key: null,
  open: null,
  commit: revealPinToDevice,
  event: messageEvent(nativeAudit["native.pin_reveal"]),
};

const cardReveal: NativeOperation = {
  ...pinReveal,
  name: "native.card_reveal",
  commit: revealCardDataToDevice,
  event: messageEvent(nativeAudit["native.card_reveal"]),
};

/** The native protocol's columns of the step table. */
export const nativeColumns = [bind, pinChange, pinChangeByCode, pinVerify, pinReveal, cardReveal] as const;

export function columnOf({ claims: { op, auth } }: Session): NativeOperation {
  switch (op) {
    case "bind":
      return bind;
    case "pin-change":
      return auth === "code" ? pinChangeByCode : pinChange;
    case "pin-verify":
      return pinVerify;
    case "pin-reveal":
      return pinReveal;
    case "card-reveal":
      return cardReveal;
  }
}

function messageEvent(kind: AuditEventKind<MessageFact>): OperationEvent<Session, MessageFact> {
  return operationEvent(kind, ({ claims, hash }: Session) => ({
    sessionHash: Buffer.from(hash).toString("base64url"),
    device: claims.device ?? undefined,
    personId: claims.sub,
  }));
}

// --- the steps before the message is opened --------------------------------------------------------------------------

/** If the card is this caller's and the session's person's. @throws LinchpinError `card_unknown`, `session_mismatch` */
async function findCardKeyAndSpentSession(
  context: Context,
  caller: PartnerCaller,
  { claims, hash }: Session,
): Promise<CardForMessage> {
  const asked = { name: claims.card.ref, device: claims.device, sessionHash: hash };
  const card = await findCardForMessage(context, caller, asked);
  if (card.person.id !== claims.sub) throw new LinchpinError("session_mismatch", { field: "session" });
  return card;
}

/** @throws LinchpinError `request_invalid`, `session_mismatch` */
function parseSessionMessage(context: Context, request: OperationRequest, session: Session): Promise<Message> {
  return parseMessage(context.primitives, request, session);
}

/** By the key as it was bound; whether it still is, the deciding statement sees. @throws LinchpinError `signature_invalid` */
async function checkBoundKeySignature(
  context: Context,
  session: Session,
  message: Message,
  { boundKey: key }: CardForMessage,
): Promise<void> {
  if (key === null) throw new LinchpinError("session_mismatch", { field: "session" });
  await verifyDeviceSignature(context.primitives, session, message, key.publicPoint);
}

/** By the key that is to be bound: whoever sends it has it. @throws LinchpinError `signature_invalid` */
async function checkNewKeySignature(context: Context, session: Session, message: Message): Promise<void> {
  if (message.keyPoint === null) throw new LinchpinError("request_invalid", { field: "key" });
  await verifyDeviceSignature(context.primitives, session, message, message.keyPoint);
}

/** @throws LinchpinError `session_unknown`: the key that the session names was retired meanwhile */
async function findSealingKey(context: Context, { claims }: Session): Promise<AgreementKey> {
  return agreementKeyOf(context, await findKeyOfSession(context, sealingKey.purpose, claims.hpke));
}

/** It was found with the card. */
function takeSpentSession({ spent }: CardForMessage): SpentSession | null {
  return spent;
}

/** Where the card has a PIN history, a change answers whether a PIN is a former one. @throws LinchpinError `rate_limited` */
async function countChange(
  context: Context,
  caller: PartnerCaller,
  { claims, hash }: Session,
  card: Card,
): Promise<null> {
  if (settingsOf(card.program).policy.pinHistory === 0) return null;
  const asked = { protocol: "native", name: claims.card.ref, deviceId: null, mark: hash };
  await requireChangeAttempt(context, null, await findCardForChange(context, caller, asked));
  return null;
}

/** No attempt is counted yet: whoever has no code must not use up the card's changes of a day. */
async function findCodeOfChange(
  context: Context,
  _caller: PartnerCaller,
  session: Session,
  card: Card,
): Promise<ExpectedCode> {
  await checkChangeByCode(context, card, { boundKeys: 0 });
  return findExpectedCode(context, session, card);
}

/** @throws LinchpinError `mobile_number_missing`: the person could not be told that a device was bound */
async function findCode(context: Context, _caller: PartnerCaller, session: Session, card: Card): Promise<ExpectedCode> {
  codeRecipientOf(card);
  return findExpectedCode(context, session, card);
}

/** @throws LinchpinError `decryption_failed` */
function openParts(context: Context, session: Session, message: Message, key: AgreementKey): Promise<Parts> {
  return openMessage(context.primitives, key, session, message);
}

/** Where no code is compared before: a message that has no PIN does not open. @throws LinchpinError `decryption_failed` */
async function openPinField(context: Context, session: Session, message: Message, key: AgreementKey): Promise<Parts> {
  const parts = await openParts(context, session, message, key);
  try {
    readPin(parts).wipe();
    return parts;
  } catch (error) {
    parts.wipe();
    throw error;
  }
}

// --- what the message holds ------------------------------------------------------------------------------------------

/**
 * @throws LinchpinError `session_stale`: since the session was made, a card of the person's got a PIN, or its program
 *   another setting
 */
async function checkPresentPin(context: Context, { session: { claims }, card, parts }: NativeRun): Promise<void> {
  if ((await asksPresentPin(context, card.person.id)) !== (claims.presentPin === true))
    throw new LinchpinError("session_stale");
  if (claims.presentPin && parts !== null) readPin(parts).wipe();
}

/** Of a card whose PIN has another version by now nothing is compared: the statement refuses the message as stale. */
async function checkNewPin(context: Context, run: NativeRun): Promise<void> {
  if (run.parts === null) return;
  const pin = readPin(run.parts);
  try {
    if (isOfSessionsVersion(run)) await checkPolicy(context, pin, run.card);
  } finally {
    pin.wipe();
  }
}

/** Code and digits were right: only now the attempt counts, and it is refused by a signed answer. */
async function countAndCheckNewPin(context: Context, run: NativeRun): Promise<void> {
  if (isOfSessionsVersion(run)) await countChange(context, run.caller, run.session, run.card);
  await checkNewPin(context, run);
}
