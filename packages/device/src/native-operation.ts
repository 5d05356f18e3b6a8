import { type checkPinPolicy, LinchpinError, type Pin, type SigningKey } from "@linchpin/core";
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
  makeSessionRequest,
  type OperationMessage,
  type Secrets,
  type SessionWish,
} from "@linchpin/protocols/native/device";
import { refusals } from "@linchpin/protocols/native/errors";
import { type NativePrimitives, refusalCodes } from "@linchpin/protocols/native/layout";
import { ask } from "./exchange.ts";
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
export interface Asked {
  readonly op: SessionWish["op"];
  readonly auth: SessionWish["auth"];
  /** To be set, or checked. */
  readonly pin?: Pin;
  /** To be bound. */
  readonly key?: SigningKey;
}

/** Shows the person what the session is for. @returns false or undefined where they do not go on */
export type Show = Confirmed["confirm"] | ByCode["askForCode"];

/** How an operation comes by its message. */
export interface MessageForm<Message extends OperationMessage> {
  /** Of a PIN that is to be set, before the person is asked. */
  readonly checkPin?: typeof checkPinPolicy;
  readonly make: (
    primitives: NativePrimitives,
    session: AcceptedSession,
    secrets: Secrets,
    key: SigningKey | undefined,
  ) => Promise<Message>;
}

interface Prepared<Message extends OperationMessage> {
  readonly primitives: NativePrimitives;
  readonly session: AcceptedSession;
  readonly message: Message;
}

/**
 * The message of an operation, made once the person has seen what its session is for. Wipes the PINs.
 * @throws LinchpinError `device_unbound`; `aborted`: the person does not go on; what the form refuses; as `openSession`
 */
export async function prepare<Message extends OperationMessage>(
  { primitives = webCrypto, ...task }: OfCard,
  { op, auth, pin, key }: Asked,
  show: Show,
  { checkPin, make }: MessageForm<Message>,
): Promise<Prepared<Message>> {
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
    if (pin && policy) checkPin?.(pin, policy);
    // `true` has none of these members.
    typed = (await show({ holder, last4, program, to, asksPresentPin })) as object;
    if (!typed) throw new LinchpinError("aborted");
    const secrets = { ...typed, pin: pin ?? typed.presentPin };
    return { primitives, session, message: await make(primitives, session, secrets, signer.key) };
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
  { primitives, session, message }: Prepared<OperationMessage>,
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
