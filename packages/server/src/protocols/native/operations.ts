import { type AgreementKey, LinchpinError, utf8 } from "@linchpin/core";
import {
  type Message,
  openMessage,
  type Parts,
  parseMessage,
  readPin,
  revealCardData,
  revealPin,
  type Session,
  sealingKey,
  verifyDeviceSignature,
} from "@linchpin/protocols/native/issuer";
import type { OperationRequest } from "@linchpin/protocols/native/wire";
import type { Card, CardForMessage, SpentSession } from "@linchpin/store";
import { type AuditEventKind, type OperationEvent, operationEvent } from "../../audit/index.ts";
import { findCardForChange, findCardForMessage, settingsOf, withCardData } from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { cardEvents, deviceEvents } from "../../outbox/index.ts";
import { checkPolicy, requireChangeAttempt, sealStoredPin, withStoredPin } from "../../pin/index.ts";
import { type MessageFact, nativeAudit } from "./audit.ts";
import { checkChangeByCode, maxBoundKeys } from "./authorizations.ts";
import { decideMessage } from "./decide-message.ts";
import { agreementKeyOf, findKeyOfSession } from "./native-keys.ts";
import type { Committed, NativeOperation, NativeRun } from "./native-operation.ts";
import { boundMessage, codeRecipientOf, type ExpectedCode, findExpectedCode } from "./session-code.ts";

const pinVerify: NativeOperation = {
  name: "native.pin_verify",
  card: findSessionCard,
  parse: parseSessionMessage,
  sender: checkBoundKeySignature,
  key: findSealingKey,
  replay: findSpentSession,
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

/** The session's card, if it is this caller's and its person's. @throws LinchpinError `card_unknown`, `session_mismatch` */
async function findSessionCard(
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

async function findSpentSession(_context: Context, { spent }: CardForMessage): Promise<SpentSession | null> {
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
  checkChangeByCode(card, { boundKeys: 0 });
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

function isOfSessionsVersion({ card, session: { claims } }: NativeRun): boolean {
  return card.pin.version === claims.card.version;
}

/** Whether nothing that was found so far refuses the message. */
function isGood({ failedToOpen, code, refusal }: NativeRun): boolean {
  return !failedToOpen && code?.isRight !== false && refusal === null;
}

// --- what is done, in one statement, and answered --------------------------------------------------------------------

async function bindKey(context: Context, run: NativeRun): Promise<Committed> {
  const { session, message, card } = run;
  const publicPoint = message.keyPoint ?? new Uint8Array(0);
  const deviceId = session.claims.device ?? "";
  const bound = deviceEvents(context, "device.bound", { personId: card.person.id, deviceId, protocol: "native" });
  const outbox = isGood(run) ? [await boundMessage(context, card), ...bound] : [];
  const outcome = await decideMessage(context, run, {
    effect: { type: "bind", thumbprint: session.claims.device ?? "", publicPoint, maxKeys: maxBoundKeys },
    written: { bound: { outbox } },
  });
  return committed(outcome);
}

async function changePin(context: Context, run: NativeRun): Promise<Committed> {
  const { card, parts, session, code } = run;
  const { policy, changeUnblocks: unblocks, offlinePin } = settingsOf(card.program);
  const { version } = session.claims.card;
  const pinVersion = version + 1;
  const pin = parts !== null && isGood(run) ? readPin(parts) : null;
  try {
    const sealed = pin === null ? null : await sealStoredPin(context, pin, card.id, pinVersion);
    const pinHistoryLength = Math.max(0, policy.pinHistory - 1);
    const isUnblocked = card.pin.status === "blocked" && unblocks;
    const unblocked = isUnblocked ? cardEvents(context, card, "pin.unblocked", { pinVersion }) : [];
    const outbox = [...cardEvents(context, card, "pin.changed", { pinVersion }), ...unblocked];
    const outcome = await decideMessage(context, run, {
      effect: { type: "change", sealed, unblocks, offlinePin, pinHistoryLength },
      version,
      demandsNoBoundKey: code !== null,
      written: { changed: { facts: { pinVersion }, outbox } },
    });
    return committed(outcome);
  } finally {
    pin?.wipe();
  }
}

async function comparePin(context: Context, run: NativeRun): Promise<Committed> {
  const { card, session } = run;
  const { version: pinVersion } = session.claims.card;
  const compared = (result: string) => ({ facts: { pinVersion, result }, outbox: [] });
  const outcome = await decideMessage(context, run, {
    effect: {
      type: "verify",
      matched: await isStoredPin(context, run),
      tryLimit: settingsOf(card.program).tryLimit,
    },
    version: pinVersion,
    written: {
      match: compared("match"),
      mismatch: compared("mismatch"),
      blocking: { ...compared("mismatch"), outbox: cardEvents(context, card, "pin.blocked", { pinVersion }) },
      blocked: compared("blocked"),
    },
  });
  return committed(outcome);
}

async function isStoredPin(context: Context, run: NativeRun): Promise<boolean> {
  const { card, parts } = run;
  const { sealed, version } = card.pin;
  if (parts === null || sealed === null || !isGood(run) || !isOfSessionsVersion(run)) return false;
  const pin = readPin(parts);
  try {
    return await withStoredPin(context, card, { sealed, version }, (stored) => stored.equals(pin));
  } finally {
    pin.wipe();
  }
}

/**
 * The PIN is opened and sealed once it is committed that it is revealed: the version that the audit names, and no other.
 * @throws LinchpinError `unavailable`: the PIN was changed just now, and nothing is spent
 */
async function revealPinToDevice(context: Context, run: NativeRun): Promise<Committed> {
  const { version, sealed } = run.card.pin;
  const outcome = await decideMessage(context, run, {
    effect: { type: "revealPin", version },
    written: {
      revealed: {
        facts: { pinVersion: version },
        outbox: cardEvents(context, run.card, "pin.revealed", { pinVersion: version }),
      },
    },
  });
  if (outcome.result !== "revealed" || sealed === null) return committed(outcome);
  return () =>
    withStoredPin(context, run.card, { sealed, version }, (opened) => revealPin(context.primitives, run, opened));
}

async function revealCardDataToDevice(context: Context, run: NativeRun): Promise<Committed> {
  const isMissing = (await context.store.findCardData(run.card.id)) === null;
  const refusal = isMissing ? new LinchpinError("card_data_not_set") : null;
  const outcome = await decideMessage(
    context,
    { ...run, refusal },
    {
      effect: { type: "revealCardData" },
      written: { revealed: { outbox: cardEvents(context, run.card, "card.data_revealed", {}) } },
    },
  );
  if (outcome.result !== "revealed") return committed(outcome);
  return () =>
    withCardData(context, run.card.id, async ({ pan, cvv2, expiration: { month, year } }) => {
      const expiry = utf8(`${`${year}`.slice(-2)}${`${month}`.padStart(2, "0")}`);
      return revealCardData(context.primitives, run, { pan, cvv2, expiry });
    });
}

/** An outcome that is the whole answer: nothing is sealed to the device. */
function committed(outcome: Awaited<ReturnType<typeof decideMessage>>): Committed {
  if (outcome.result === "revealed") throw new LinchpinError("internal", { reason: "nothing there is to reveal" });
  return () => outcome;
}
