import { type ErrorCode, equalInConstantTime, type GcmContent, LinchpinError, type Pin } from "@linchpin/core";
import {
  type Form,
  keyPurposeOf,
  markOf,
  type OaepHash,
  openPinBlock,
  openSessionKey,
  parseEncryptedPin,
  parseWrappedKey,
  type SessionKey,
  type SessionKeyTerms,
  sealPinBlock,
  type Unwrapped,
  wrappedLengths,
} from "@linchpin/protocols/spritz/issuer";
import { type EncryptedPin, sessionIdHeader } from "@linchpin/protocols/spritz/wire";
import type { Card, CardForChange, MarksOfMessage, ReplayMark } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, checkPinState, findCardForChange, findNamedCard } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import type { KeepAnswer } from "../../idempotency/index.ts";
import {
  changePin,
  checkPolicy,
  type OperationRun,
  type PinOperation,
  requireChangeAttempt,
  revealPin,
} from "../../pin/index.ts";
import { lookForReplay, refuseReplayed } from "../../steps/index.ts";
import { spritzAudit } from "./audit.ts";

/** How the devices of a form wrap session keys. No message names a key: every accepted one is tried, always. */
export interface FormTerms extends SessionKeyTerms {
  readonly form: Form;
  readonly hashes: readonly OaepHash[];
}

interface Request {
  /** As the path names the card. */
  readonly cardName: string;
  /** `encryptedKey`, or Rain's `SessionId`. */
  readonly encryptedKey: string;
  readonly terms: FormTerms;
}

interface SetRequest extends Request {
  readonly encryptedPin: EncryptedPin;
  readonly keepAnswer: KeepAnswer;
}

interface GetRequest extends Request {
  readonly mayReuseKey: boolean;
}

interface WrappedKey {
  readonly wrappedKey: Uint8Array;
  readonly terms: FormTerms;
}
type WrappedGet = WrappedKey & { readonly mayReuseKey: boolean };
type SealedSet = WrappedKey & { readonly block: GcmContent; readonly mark: Uint8Array };
type CardAndMark = CardForChange & { readonly mark: Uint8Array };

/** A PIN, and what its session key is spent by. */
interface OpenedPin extends ReplayMark {
  readonly pin: Pin;
  wipe(): void;
}

/**
 * A set, of Spritz or of Rain. Session key and PIN block are authenticated: what does not open spends nothing. What is
 * used once is the session key, which shows only when it is open, and the block's ciphertext.
 */
export const pinSet: PinOperation<SetRequest, SealedSet, OpenedPin, void, CardAndMark, "pinVersion"> = {
  name: "spritz.pin.set",
  card: findCardOfSet,
  cardState: checkCardState,
  parse: parseSet,
  sender: null,
  key: null,
  replay: refuseReplayed,
  attempt: requireChangeAttempt,
  open: openPin,
  spend: lookForReplay,
  policy: checkPolicyOfOpenedPin,
  commit: changeToOpenedPin,
  refusal: marksOfReusedPin,
  event: operationEvent(spritzAudit["spritz.pin.set"], factsOfRequest),
};

/** A get, of Spritz or of Rain: only the session key can fail to open. It is spent before it seals anything. */
export const pinGet: PinOperation<GetRequest, WrappedGet, SessionKey, EncryptedPin, Card> = {
  name: "spritz.pin.get",
  card: findCardOfGet,
  cardState: checkPinState,
  parse: parseGet,
  sender: null,
  key: null,
  replay: null,
  attempt: null,
  open: openKnownSessionKey,
  spend: spendSessionKey,
  policy: null,
  commit: revealPinUnderSessionKey,
  refusal: null,
  event: operationEvent(spritzAudit["spritz.pin.get"], factsOfRequest),
};

async function factsOfRequest({ encryptedKey, terms }: Request, context: Context) {
  return { form: terms.form, encryptedKeyHmac: await textDigest(context, encryptedKey) };
}

/** One query looks for the block's replay mark too. */
async function findCardOfSet(
  context: Context,
  caller: Caller,
  { cardName: name, encryptedPin }: SetRequest,
): Promise<CardAndMark> {
  const mark = await markOf(context.primitives, encryptedPin);
  return { ...(await findCardForChange(context, caller, { protocol: "spritz", name, deviceId: null, mark })), mark };
}

function findCardOfGet(context: Context, caller: Caller, { cardName }: GetRequest): Promise<Card> {
  return findNamedCard(context, caller, "spritz", cardName);
}

async function parseSet(_context: Context, request: SetRequest, { mark }: CardAndMark): Promise<SealedSet> {
  return { ...parseSessionKey(request), block: parseEncryptedPin(request.encryptedPin), mark };
}

async function parseGet(_context: Context, request: GetRequest): Promise<WrappedGet> {
  return { ...parseSessionKey(request), mayReuseKey: request.mayReuseKey };
}

function parseSessionKey({ encryptedKey, terms }: Request): WrappedKey {
  const field = terms.form === "rain" ? sessionIdHeader : "encryptedKey";
  return { wrappedKey: parseWrappedKey(field, encryptedKey), terms };
}

/** By every accepted key of every purpose, and for every length, whichever of them fits. */
async function unwrapSessionKey(context: Context, { wrappedKey, terms }: WrappedKey): Promise<SessionKey> {
  const unwrapped: Unwrapped[] = [];
  for (const hash of terms.hashes)
    for (const { keyBytes, lengthBytes } of wrappedLengths(terms)) {
      const unwrap = () => context.keyring.unwrapByAny(keyPurposeOf(terms.form, hash), wrappedKey, lengthBytes);
      const { keyId, bytes } = await unwrap();
      // What does not open comes back at random. A text shows that by itself; bytes do when they are unwrapped once more.
      const again = terms.wrapped === "raw" ? (await unwrap()).bytes : bytes;
      unwrapped.push({ keyId, keyBytes, bytes, isKnown: equalInConstantTime(bytes, again) });
    }
  const [first, ...others] = unwrapped;
  if (first === undefined) throw new LinchpinError("internal", { reason: "the form has no key" });
  return openSessionKey(context.primitives, [first, ...others], terms.wrapped);
}

/** @throws LinchpinError `decryption_failed`: no key opens the session key; or a block, which goes the same way */
async function openPin(context: Context, sealed: SealedSet): Promise<OpenedPin> {
  const sessionKey = await unwrapSessionKey(context, sealed);
  try {
    const pin = await openPinBlock(context.primitives, sealed.block, sessionKey);
    return { pin, mark: sessionKey.mark, keyId: sessionKey.keyId, wipe: () => pin.wipe() };
  } finally {
    sessionKey.wipe();
  }
}

/** @throws LinchpinError `decryption_failed` */
async function openKnownSessionKey(context: Context, sealed: WrappedKey): Promise<SessionKey> {
  const sessionKey = await unwrapSessionKey(context, sealed);
  if (sessionKey.wasUnwrapped) return sessionKey;
  sessionKey.wipe();
  throw new LinchpinError("decryption_failed", { reason: "no accepted key unwraps a session key" });
}

/** @throws LinchpinError `replayed` */
async function spendSessionKey(
  context: Context,
  { mark, keyId }: SessionKey,
  { mayReuseKey }: WrappedGet,
): Promise<void> {
  if (mayReuseKey) return;
  if ((await context.store.spend({ mark, keyId }, null)) === "replayed") throw new LinchpinError("replayed");
}

function checkPolicyOfOpenedPin(context: Context, { pin }: OpenedPin, card: Card): Promise<void> {
  return checkPolicy(context, pin, card);
}

function revealPinUnderSessionKey(
  context: Context,
  run: OperationRun<GetRequest, WrappedGet, SessionKey>,
): Promise<EncryptedPin> {
  return revealPin(context, run, (pin) => sealPinBlock(context.primitives, pin, run.opened));
}

async function changeToOpenedPin(
  context: Context,
  { card, request, opened, facts }: OperationRun<SetRequest, SealedSet, OpenedPin>,
): Promise<void> {
  const answer = request.keepAnswer(null);
  await changePin(context, { card, pin: opened.pin, mark: opened, facts, ...(answer && { kept: { answer } }) });
}

/** Only the answer about the PIN history depends on a secret that the sender does not know. */
function marksOfReusedPin(code: ErrorCode, { mark, keyId }: OpenedPin, sealed: SealedSet): MarksOfMessage | null {
  return code === "pin_reused"
    ? [
        { mark, keyId },
        { mark: sealed.mark, keyId },
      ]
    : null;
}
