import { type ErrorCode, LinchpinError, type Pin } from "@linchpin/core";
import {
  type KeyWrap,
  openPinBlock,
  parseSessionKey,
  sealPin,
  sessionKeyOf,
  undecipherable,
  type WrappedSessionKey,
} from "@linchpin/protocols/worldline/issuer";
import type {
  EncryptedSessionKey,
  ExternalPinAttribute,
  PinDisplayRequest,
  PinSetRequest,
} from "@linchpin/protocols/worldline/wire";
import type { Card, CardForChange, MarksOfMessage, ReplayMark } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, checkPinState, findCardForChange, findNamedCard, withCardData } from "../../cards/index.ts";
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
import { worldlineAudit } from "./audit.ts";
import { type CardNaming, checkExpiry, findReference } from "./naming.ts";
import { findKeySet, openSessionKey, type Sealed, type SessionKey } from "./session-key.ts";

/** What every request has. */
interface OfCard {
  readonly naming: CardNaming;
  readonly keyWrap: KeyWrap;
  /** The PAN that the block is bound to; undefined: the card's, which the issuer holds. */
  readonly blockPan: string | undefined;
}

export type AskedSet = OfCard & Pick<PinSetRequest, "event" | "panExpiryDate" | "pinAttribute">;
export type AskedDisplay = OfCard & Pick<PinDisplayRequest, "event" | "encryptedSessionKey">;

/** A set whose session key came wrapped, and whose block is bound to a PAN. */
interface SealedPin extends Sealed {
  readonly pinBlock: string;
  readonly blockPan: string | undefined;
}

/** A PIN; with RSAES-PKCS1-v1_5 also why the block is none: such a refusal is given later, and spends what came in. */
interface OpenedPin extends ReplayMark {
  readonly pin: Pin | LinchpinError;
  wipe(): void;
}

type CardToSet = CardForChange & WrappedSessionKey;

/**
 * Sets a PIN. With RSAES-OAEP, whose ciphertexts can not be altered to learn anything, a refusal spends nothing, unless
 * it speaks of former PINs. With RSAES-PKCS1-v1_5 each refusal from the unwrapping on spends session key and ciphertext.
 */
export const pinSet: PinOperation<AskedSet, SealedPin, OpenedPin, void, CardToSet> = {
  name: "worldline.pin.set",
  card: findCardToSet,
  cardState: checkCardState,
  parse: takeSealedPin,
  sender: null,
  key: findKeySet,
  replay: refuseReplayed,
  attempt: requireChangeAttempt,
  open: openPinOfBlock,
  spend: lookForReplay,
  policy: checkPolicyOfOpenedPin,
  commit: changeToOpenedPin,
  refusal: marksOfRefusedSet,
  event: operationEvent(worldlineAudit["worldline.pin.set"], ({ event, pinAttribute }, context) =>
    factsOf(context, event, pinAttribute.encryptedSessionKey),
  ),
};

interface SealedDisplay extends Sealed {
  readonly blockPan: string | undefined;
}

/** A session key, and the PAN that the block of the answer is bound to. */
interface OpenedDisplay extends SessionKey {
  readonly pan: string;
}

/**
 * Displays a PIN. With RSAES-PKCS1-v1_5 a session key that could not be unwrapped is as good as any: its answer opens
 * nothing. So session key and ciphertext are spent before anything else is looked at.
 */
export const pinDisplay: PinOperation<AskedDisplay, SealedDisplay, OpenedDisplay, ExternalPinAttribute> = {
  name: "worldline.pin.display",
  card: findCardToDisplay,
  cardState: checkPinState,
  parse: takeSealedDisplay,
  sender: null,
  key: findKeySet,
  replay: lookForReplay,
  attempt: null,
  open: openDisplaySessionKey,
  spend: spendSessionKeyAndCiphertext,
  policy: null,
  commit: displayPinUnderSessionKey,
  refusal: null,
  event: operationEvent(worldlineAudit["worldline.pin.display"], ({ event, encryptedSessionKey }, context) =>
    factsOf(context, event, encryptedSessionKey),
  ),
};

async function factsOf(context: Context, event: string | undefined, key: EncryptedSessionKey | undefined) {
  return { event, encryptedKeyHmac: await textDigest(context, key?.encryptedData) };
}

/** The ciphertext is parsed before the card is looked up, so that one query looks for its replay mark too. */
async function findCardToSet(context: Context, caller: Caller, request: AskedSet): Promise<CardToSet> {
  const { naming, panExpiryDate, pinAttribute } = request;
  const wrapped = await parseSessionKey(context.primitives, sessionKeyOf(pinAttribute));
  const name = await findReference(context, caller, naming);
  const asked = { protocol: "worldline", name, deviceId: null, mark: wrapped.mark };
  const card = await findCardForChange(context, caller, asked);
  await checkExpiry(context, card, panExpiryDate);
  return { ...card, ...wrapped };
}

async function findCardToDisplay(context: Context, caller: Caller, { naming }: AskedDisplay): Promise<Card> {
  return findNamedCard(context, caller, "worldline", await findReference(context, caller, naming));
}

async function takeSealedPin(
  _context: Context,
  { pinAttribute, keyWrap, blockPan }: AskedSet,
  { wrappedKey, keySet, mark }: CardToSet,
): Promise<SealedPin> {
  return { wrappedKey, keySet, mark, keyWrap, blockPan, pinBlock: pinAttribute.pinBlock };
}

async function takeSealedDisplay(
  { primitives }: Context,
  { encryptedSessionKey, keyWrap, blockPan }: AskedDisplay,
): Promise<SealedDisplay> {
  return { ...(await parseSessionKey(primitives, encryptedSessionKey)), keyWrap, blockPan };
}

/** The card's own PAN as a text, as a JSON body has it too. @throws LinchpinError `card_data_not_set` */
async function panOf(context: Context, { id }: Card, blockPan: string | undefined): Promise<string> {
  return blockPan ?? withCardData(context, id, async ({ pan }) => Buffer.from(pan).toString());
}

/** A card without a PAN is refused before anything is unwrapped. */
async function openPinOfBlock(context: Context, sealed: SealedPin, card: Card): Promise<OpenedPin> {
  const { pinBlock, keyWrap, blockPan } = sealed;
  const pan = await panOf(context, card, blockPan);
  const sessionKey = await openSessionKey(context, sealed);
  try {
    const opening = openPinBlock(context.primitives, { pinBlock, pan }, sessionKey.bytes);
    const pin = await (keyWrap === "pkcs1" ? opening.catch(refusalOf) : opening);
    if (!sessionKey.isSent) throw undecipherable();
    const { mark, keyId } = sessionKey;
    return { pin, mark, keyId, wipe: () => (pin instanceof LinchpinError ? undefined : pin.wipe()) };
  } finally {
    sessionKey.wipe();
  }
}

function refusalOf(error: unknown): LinchpinError {
  if (error instanceof LinchpinError && error.code === "decryption_failed") return error;
  throw error;
}

async function openDisplaySessionKey(context: Context, sealed: SealedDisplay, card: Card): Promise<OpenedDisplay> {
  const pan = await panOf(context, card, sealed.blockPan);
  const sessionKey = await openSessionKey(context, sealed);
  if (!sessionKey.isSent) throw undecipherable();
  return { ...sessionKey, pan };
}

/** @throws LinchpinError `decryption_failed` */
function pinOf({ pin }: OpenedPin): Pin {
  if (pin instanceof LinchpinError) throw pin;
  return pin;
}

async function checkPolicyOfOpenedPin(context: Context, opened: OpenedPin, card: Card): Promise<void> {
  await checkPolicy(context, pinOf(opened), card);
}

function marksOfRefusedSet(code: ErrorCode, opened: OpenedPin, { mark, keyWrap }: SealedPin): MarksOfMessage | null {
  const spends = keyWrap === "pkcs1" ? code !== "replayed" : code === "pin_reused";
  return spends ? [opened, { mark, keyId: opened.keyId }] : null;
}

async function changeToOpenedPin(
  context: Context,
  { card, opened, facts }: OperationRun<unknown, unknown, OpenedPin>,
): Promise<void> {
  await changePin(context, { card, pin: pinOf(opened), mark: opened, facts });
}

/** A session key is good for one display, however often it was wrapped, and so is its ciphertext. */
async function spendSessionKeyAndCiphertext(
  { store }: Context,
  { mark, keyId }: OpenedDisplay,
  sealed: SealedDisplay,
): Promise<void> {
  const marks: MarksOfMessage = [
    { mark, keyId },
    { mark: sealed.mark, keyId },
  ];
  if ((await store.spend(marks, null)) === "replayed") throw new LinchpinError("replayed");
}

function displayPinUnderSessionKey(
  context: Context,
  run: OperationRun<unknown, SealedDisplay, OpenedDisplay>,
): Promise<ExternalPinAttribute> {
  const { opened, sealed } = run;
  return revealPin(context, run, (pin) =>
    sealPin(context.primitives, pin, { pan: opened.pan, sessionKey: opened.bytes, keySet: sealed.keySet }),
  );
}
