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
  type openRevealedPin,
  type SessionWish,
} from "@linchpin/protocols/native/device";
import { refusals } from "@linchpin/protocols/native/errors";
import { type NativePrimitives, refusalCodes } from "@linchpin/protocols/native/layout";
import { ask, onPlatform } from "./exchange.ts";
import type { ByCode, Confirmed, NativeBinding, OfCard, TypedCode } from "./native-task.ts";

const webCrypto: NativePrimitives = {
  randomBytes,
  sha256,
  hmac,
  encryptAesGcm,
  decryptAesGcm,
  verifyEcdsa,
  makeAgreementKey,
};

/** Under which the binding is kept. */
export const nameOf = ({ issuer }: RootPins) => `native.${issuer}`;

const post = (path: string, body: object) =>
  ({ method: "POST", path: `/native${path}`, body: JSON.stringify(body) }) as const;

/** What a task asks the issuer for. */
interface Asked {
  readonly op: SessionWish["op"];
  readonly auth: SessionWish["auth"];
  /** To be set, or checked. */
  readonly pin?: Pin;
  /** To be bound. */
  readonly key?: SigningKey;
}

/** Shows the person what the session is for. @returns false or undefined where they do not go on */
type Show = Confirmed["confirm"] | ByCode["askForCode"];

type Revealed = Parameters<typeof openRevealedPin>[1];
type Open<Result> = (primitives: NativePrimitives, revealed: Revealed) => Promise<Result>;

/**
 * One operation. @returns what became of it; of a reveal, what `open` makes of what the issuer revealed
 * @throws LinchpinError as `prepare` and `settle`; `unreachable`: it was revealed before, and that answer is lost
 */
export function operate<Result = AcceptedOutcome>(
  task: OfCard,
  asked: Asked,
  show: Show,
  open?: Open<Result>,
): Promise<Result> {
  return onPlatform(async () => {
    const prepared = await prepare(task, asked, show, !!open);
    const outcome = await settle(task, prepared);
    if (!open) return outcome as Result;
    const { sealed } = outcome as { sealed?: string };
    if (!sealed) throw new LinchpinError("unreachable");
    return open(prepared.primitives, { ...prepared, sealed } as Prepared & Revealed);
  });
}

interface Prepared {
  readonly primitives: NativePrimitives;
  readonly session: AcceptedSession;
  readonly message: OperationMessage;
}

/**
 * The message of an operation, made once the person has seen what its session is for. Wipes the PINs.
 * @throws LinchpinError `device_unbound`; `aborted`: the person does not go on; what the policy refuses; as `openSession`
 */
export async function prepare(
  { primitives = webCrypto, ...task }: OfCard,
  { op, auth, pin, key }: Asked,
  show: Show,
  isReveal: boolean,
): Promise<Prepared> {
  let typed: Partial<TypedCode> | undefined;
  try {
    const binding = await task.keys.load(nameOf(task.pins));
    const signer = auth === "device" ? binding : ({ key } as Partial<NativeBinding>);
    if (!signer) throw new LinchpinError("device_unbound");
    const wish = { op, auth, card: task.card, device: signer.thumbprint, key } as SessionWish;
    const session = await openSession(primitives, task, wish, binding);
    const {
      policy,
      holder,
      card: { last4, program },
      to,
      presentPin: asksPresentPin = false,
    } = session.claims;
    if (pin && policy) checkPinPolicy(pin, policy);
    // `true` has none of these members.
    typed = (await show({ holder, last4, program, to, asksPresentPin })) as object;
    if (!typed) throw new LinchpinError("aborted");
    const secrets = { ...typed, pin: pin ?? typed.presentPin };
    const message = isReveal
      ? makeRevealMessage(primitives, session, signer.key as SigningKey)
      : makeSealedMessage(primitives, session, secrets, signer.key);
    return { primitives, session, message: await message };
  } finally {
    pin?.wipe();
    typed?.presentPin?.wipe();
  }
}

/**
 * A session of the issuer's for what is wished, whatever the relay does.
 * @throws LinchpinError `manifest_refused`, `manifest_expired`, `issuer_key_unvouched`, `session_refused`; what the issuer, or
 *   the relay, refuses: `card_unknown`, `device_unknown`, `session_mismatch`, …
 */
async function openSession(
  primitives: NativePrimitives,
  { pins, keys, clock = () => new Date(), ...way }: OfCard,
  wish: SessionWish,
  binding: NativeBinding | undefined,
): Promise<AcceptedSession> {
  const request = makeSessionRequest(primitives, wish);
  const reply = await ask(way, post("/sessions", request), refusals);
  const lowestSeq = binding?.seq ?? 0;
  const terms = { request, pins, lowestSeq, sub: binding?.sub, clockSeconds: clock().getTime() / 1000 };
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

/**
 * Sends the message, and again where no answer came: the issuer takes one for each session. Nothing but an answer of the
 * issuer's own says what became of it.
 * @throws LinchpinError `aborted` before anything is sent; `outcome_unknown`; the refusal, which is final
 */
export async function settle(
  { relay, signal }: OfCard,
  { primitives, session, message }: Prepared,
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
