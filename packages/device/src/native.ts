import { checkPinPolicy, LinchpinError, type Pin, type SigningKey } from "@linchpin/core";
import {
  decryptAesGcm,
  encryptAesGcm,
  hmac,
  makeAgreementKey,
  randomBytes,
  sha256,
  verifyEcdsa,
} from "@linchpin/core/webcrypto";
import type { RootPins } from "@linchpin/protocols/issuer-keys/device";
import { manifestPath } from "@linchpin/protocols/issuer-keys/wire";
import {
  type AcceptedOutcome,
  type AcceptedSession,
  acceptAnswer,
  acceptSession,
  makeRevealMessage,
  makeSealedMessage,
  makeSessionRequest,
  type OperationMessage,
  openRevealedCardData,
  openRevealedPin,
  type SessionWish,
} from "@linchpin/protocols/native/device";
import { refusals } from "@linchpin/protocols/native/errors";
import { type NativePrimitives, type RevealedCardData, refusalCodes } from "@linchpin/protocols/native/layout";
import type { DeviceKeys } from "./device-keys.ts";
import { ask, onPlatform, type Way } from "./exchange.ts";

export { LinchpinError, Pin } from "@linchpin/core";
export type { RevealedCardData, RootPins };

// Every function also throws what README.md says of the way to the issuer, and what `openSession` and `settle` do.

/** What a bound device keeps. */
export interface NativeBinding {
  /** The issuer's origin. */
  readonly iss: string;
  /** The person, as the issuer names them. No other one's session is accepted. */
  readonly sub: string;
  /** By which the issuer names the device: RFC 7638 of its key. */
  readonly thumbprint: string;
  /** The highest number of a manifest that was seen. */
  readonly seq: number;
  readonly key: SigningKey;
}

interface OfCard extends Way {
  /** The issuer's origin and its roots. They come with the app, or from the operator's own origin; never by the relay. */
  readonly pins: RootPins;
  /** One person's device: what is kept there stands under the issuer's name. */
  readonly keys: DeviceKeys<NativeBinding>;
  /** As the partner names it. */
  readonly card: string;
  /** Default: the platform's WebCrypto. */
  readonly primitives?: NativePrimitives;
  /** It may be wrong: the issuer's signed time counts where it is later. */
  readonly clock?: () => Date;
}

/** What the issuer says an operation is for. The person must see it: the relay chose the card. */
export interface ShownSession {
  readonly holder: string;
  readonly last4: string;
  readonly program: string;
  /** Where the code went, masked. */
  readonly to?: string | undefined;
  /** Whether the present PIN is asked for too, to bind a device. */
  readonly asksPresentPin: boolean;
}

interface Confirmed {
  /** Shows whose card it is, and resolves to whether the person goes on. */
  readonly confirm: (shown: ShownSession) => boolean | Promise<boolean>;
}

/** What the person types. */
export interface TypedCode {
  readonly code: string;
  /** The last eight digits of the card's number. */
  readonly digits: string;
  /** Where it is asked for. Wiped, however the call ends. */
  readonly presentPin?: Pin;
}

interface ByCode {
  /** Shows whose card it is and where the code went, and asks for it; undefined where the person does not go on. */
  readonly askForCode: (shown: ShownSession) => Promise<TypedCode | undefined>;
}

/**
 * Makes a key that stays on this device, and binds it by a code that reaches the person. A binding that this device had at
 * the issuer is replaced. The key is kept before it is sent: where the answer is lost, the next call binds the same one,
 * which takes no second place among the person's devices.
 * @throws LinchpinError `code_incorrect`, `code_locked`, `too_many_devices`, `mobile_number_missing`,
 *   `person_name_missing`; `outcome_unknown`: bind again; `device_key_exists`: the key whose answer was lost was unbound
 *   since, bind again
 */
export async function bindDevice({ askForCode, ...task }: OfCard & ByCode): Promise<void> {
  const { keys, pins, card } = task;
  const unanswered = unansweredOf(pins);
  const [prepared, binding] = await onPlatform(async () => {
    const key = (await keys.load(unanswered))?.key ?? (await keys.makeKey());
    const wish = { op: "bind", auth: "code", card, key } as const;
    const prepared = await prepareByCode(task, wish, askForCode).catch(async (error) => {
      // It was bound, and unbound since: it is never bound again, and the next call makes another.
      if (error.code === "device_key_exists") await keys.forget(unanswered);
      throw error;
    });
    const {
      claims: { iss, sub, device },
      manifest: { seq },
    } = prepared.session;
    const binding = { iss, sub, thumbprint: device as string, seq, key };
    await keys.save(unanswered, binding);
    return [prepared, binding];
  });
  await settle(task, prepared);
  await onPlatform(async () => {
    await keys.save(nameOf(pins), binding);
    await keys.forget(unanswered);
  });
}

/** Forgets the key of this device. At the issuer it stays bound until the operator unbinds it. */
export function forgetDevice({ pins, keys }: Pick<OfCard, "pins" | "keys">): Promise<void> {
  return onPlatform(async () => {
    await keys.forget(nameOf(pins));
    await keys.forget(unansweredOf(pins));
  });
}

/**
 * Sets the PIN, the first one too. `pin` is wiped, however the call ends.
 * @throws LinchpinError `pin_length`, `pin_sequence`, `pin_repeats` before anything is sent; `device_unbound`; `pin_refused`,
 *   `pin_reused`; `session_stale`: it was changed meanwhile; `device_unknown`: bind again; `card_blocked`,
 *   `card_terminated`; `outcome_unknown`: the old PIN or the new one holds, and a change to the same one settles it
 */
export async function changePin({ pin, ...task }: OfCard & Confirmed & { pin: Pin }): Promise<void> {
  await settle(task, await prepareWithPin(task, "pin-change", pin));
}

/**
 * Sets the PIN by a code that reaches the person, without a bound device, where the card's program allows it. `pin` is
 * wiped, however the call ends.
 * @throws LinchpinError as `changePin`, and `code_incorrect`, `code_locked`, `mobile_number_missing`; `conflict`: another
 *   message used the session, and this one changed nothing
 */
export async function changePinByCode({ pin, askForCode, ...task }: OfCard & ByCode & { pin: Pin }): Promise<void> {
  try {
    const wish = { op: "pin-change", auth: "code", card: task.card } as const;
    await settle(task, await onPlatform(() => prepareByCode(task, wish, askForCode, pin)));
  } finally {
    pin.wipe();
  }
}

/**
 * Asks the issuer whether this is the PIN. `pin` is wiped, however the call ends.
 * @returns with `mismatch` how many tries remain
 * @throws LinchpinError `device_unbound`, `device_unknown`, `pin_not_set`, `card_blocked`, `card_terminated`, `session_stale`
 */
export async function verifyPin({
  pin,
  ...task
}: OfCard & Confirmed & { pin: Pin }): Promise<
  { result: "match" | "blocked" } | { result: "mismatch"; remaining: number }
> {
  return (await settle(task, await prepareWithPin(task, "pin-verify", pin))) as Awaited<ReturnType<typeof verifyPin>>;
}

/**
 * The PIN, to be shown. Whoever calls wipes it.
 * @throws LinchpinError `device_unbound`, `device_unknown`, `pin_not_set`, `pin_blocked`, `card_blocked`, `card_terminated`
 */
export async function revealPin(task: OfCard & Confirmed): Promise<Pin> {
  return reveal(task, "pin-reveal", openRevealedPin);
}

/**
 * Number, CVV2 and expiry of the card, to be shown.
 * @throws LinchpinError as `revealPin`, and `card_data_not_set`
 */
export async function revealCard(task: OfCard & Confirmed): Promise<RevealedCardData> {
  return reveal(task, "card-reveal", openRevealedCardData);
}

const webCrypto: NativePrimitives = {
  randomBytes,
  sha256,
  hmac,
  encryptAesGcm,
  decryptAesGcm,
  verifyEcdsa,
  makeAgreementKey,
};

const nameOf = ({ issuer }: RootPins) => `native.${issuer}`;
/** Of a key that was sent to be bound, until the answer is there. */
const unansweredOf = (pins: RootPins) => `${nameOf(pins)}.new`;

const post = (path: string, body: object) =>
  ({ method: "POST", path: `/native${path}`, body: JSON.stringify(body) }) as const;

interface Prepared<Message extends OperationMessage = OperationMessage> {
  readonly session: AcceptedSession;
  readonly message: Message;
}

/**
 * A session of the issuer's for what is wished, whatever the relay does.
 * @throws LinchpinError `manifest_refused`, `manifest_expired`, `issuer_key_unvouched`, `session_refused`; what the issuer, or
 *   the relay, refuses: `card_unknown`, `device_unknown`, `session_mismatch`, …
 */
async function openSession(
  { pins, keys, primitives = webCrypto, clock = () => new Date(), ...way }: OfCard,
  wish: SessionWish,
  binding: NativeBinding | undefined,
): Promise<AcceptedSession> {
  const request = makeSessionRequest(primitives, wish);
  const reply = await ask(way, post("/sessions", request), refusals);
  const lowestSeq = binding?.seq ?? 0;
  const terms = { request, pins, lowestSeq, sub: binding?.sub, clockSeconds: Math.floor(clock().getTime() / 1000) };
  const accept = (manifest: unknown) => acceptSession(primitives, { session: reply?.session, manifest }, terms);
  // The relay may have handed on none, or an old one.
  const session = await accept(reply?.manifest).catch(async () =>
    accept(await ask(way, { method: "GET", path: manifestPath }, refusals)),
  );
  const { seq } = session.manifest;
  // A binding that was forgotten or replaced while the session was on its way stays so.
  const kept = await keys.load(nameOf(pins));
  if (kept && kept.thumbprint === binding?.thumbprint && seq > kept.seq)
    await keys.save(nameOf(pins), { ...kept, seq });
  return session;
}

const shownOf = ({ claims: { holder, to, card, presentPin } }: AcceptedSession): ShownSession => ({
  holder,
  last4: card.last4,
  program: card.program,
  to,
  asksPresentPin: presentPin === true,
});

/** @throws LinchpinError `device_unbound`; `aborted`: the person does not go on; as `openSession` */
async function prepareByDevice<Message extends OperationMessage>(
  { confirm, ...task }: OfCard & Confirmed,
  op: Exclude<SessionWish["op"], "bind">,
  make: (session: AcceptedSession, key: SigningKey) => Promise<Message>,
): Promise<Prepared<Message>> {
  return onPlatform(async () => {
    const binding = await task.keys.load(nameOf(task.pins));
    if (!binding) throw new LinchpinError("device_unbound");
    const wish = { op, auth: "device", card: task.card, device: binding.thumbprint } as const;
    const session = await openSession(task, wish, binding);
    if (!(await confirm(shownOf(session)))) throw new LinchpinError("aborted");
    return { session, message: await make(session, binding.key) };
  });
}

async function prepareWithPin(task: OfCard & Confirmed, op: "pin-change" | "pin-verify", pin: Pin): Promise<Prepared> {
  try {
    return await prepareByDevice(task, op, (session, key) => {
      checkPolicy(session, pin);
      return makeSealedMessage(task.primitives ?? webCrypto, session, { pin }, key);
    });
  } finally {
    pin.wipe();
  }
}

async function prepareByCode(
  task: OfCard,
  wish: SessionWish & { key?: SigningKey },
  askForCode: ByCode["askForCode"],
  pin?: Pin,
): Promise<Prepared> {
  const session = await openSession(task, wish, await task.keys.load(nameOf(task.pins)));
  if (pin) checkPolicy(session, pin);
  const typed = await askForCode(shownOf(session));
  if (typed === undefined) throw new LinchpinError("aborted");
  try {
    const secrets = { ...typed, pin: pin ?? typed.presentPin };
    return { session, message: await makeSealedMessage(task.primitives ?? webCrypto, session, secrets, wish.key) };
  } finally {
    typed.presentPin?.wipe();
  }
}

function checkPolicy({ claims: { policy } }: AcceptedSession, pin: Pin): void {
  if (policy) checkPinPolicy(pin, policy);
}

async function reveal<Result>(
  task: OfCard & Confirmed,
  op: "pin-reveal" | "card-reveal",
  open: (primitives: NativePrimitives, revealed: Parameters<typeof openRevealedPin>[1]) => Promise<Result>,
): Promise<Result> {
  const primitives = task.primitives ?? webCrypto;
  const prepared = await prepareByDevice(task, op, (session, key) => makeRevealMessage(primitives, session, key));
  const outcome = await settle(task, prepared);
  const { sealed } = outcome as { sealed?: string };
  if (!sealed) throw new LinchpinError("unreachable");
  return onPlatform(() => open(primitives, { ...prepared, sealed }));
}

/**
 * Sends the message, and again where no answer came: the issuer takes one for each session. Nothing but an answer of the
 * issuer's own says what became of it.
 * @throws LinchpinError `aborted` before anything is sent; `outcome_unknown`; the refusal, which is final
 */
async function settle(
  { relay, signal, primitives = webCrypto }: OfCard,
  { session, message }: Prepared,
): Promise<AcceptedOutcome> {
  if (signal?.aborted) throw new LinchpinError("aborted");
  let outcome: AcceptedOutcome;
  try {
    const { body } = await relay.send({ ...post("/operations", message.request), signal, mayRepeat: true });
    outcome = await acceptAnswer(primitives, (body as { answer?: unknown } | undefined)?.answer, session, message);
  } catch (cause) {
    throw new LinchpinError("outcome_unknown", { cause });
  }
  if (outcome.result === "spent") throw new LinchpinError("conflict");
  if (outcome.result !== "refused") return outcome;
  throw new LinchpinError(refusalCodes.includes(outcome.code) ? outcome.code : "refused");
}
