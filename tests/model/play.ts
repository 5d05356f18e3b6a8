import {
  base64urlFromBytes,
  bytesFromBase64url,
  concatBytes,
  LinchpinError,
  Pin,
  type SigningKey,
  signJws,
  utf8,
} from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  type AcceptedSession,
  acceptAnswer,
  acceptSession,
  makeRevealMessage,
  makeSealedMessage,
  makeSessionRequest,
  type OperationMessage,
  type SessionWish,
  thumbprintOf,
} from "@linchpin/protocols/native/device";
import { answerTyp, deviceSigned, isReveal, isSigned } from "@linchpin/protocols/native/layout";
import type {
  OperationRequest as WireRequest,
  SessionRequest as WireSessionRequest,
} from "@linchpin/protocols/native/wire";
import { call } from "@linchpin/testing/call";
import { PlumeryClient } from "@linchpin/testing/plumery";
import type { SessionRequest } from "./issuer.ts";
import { wrongInARow } from "./issuer.ts";
import { initialPin, jwkOf, type PlayedWorld } from "./played-world.ts";
import type { Step } from "./relay.ts";
import type { Enforced } from "./rules.ts";
import { codeOf, type Scenario } from "./scenario.ts";
import { hash, type Key, type Session, type Term } from "./term.ts";
import { guess, holderOf, type OperationRequest, type Run } from "./world.ts";

// Plays a trace of the model: what the relay does there, it does at a running issuer and to the device library, on the wire.

const typedPins = ["8264", "7391"];
/** So many wrong codes in a row the issuer takes for each that the model takes. */
const guessesEach = 10 / wrongInARow;

/** What was sent and came back, by what stands for it in the model. */
interface Played {
  readonly sessions: ReadonlyMap<string, AcceptedSession>;
  readonly codes: ReadonlyMap<string, string>;
  readonly messages: ReadonlyMap<number, OperationMessage>;
  readonly answers: ReadonlyMap<string, string>;
}

interface Stage {
  readonly world: PlayedWorld;
  readonly scenario: Scenario;
}

/** Null: the step went as in the model. */
type Refusal = Enforced | null;
type After = { readonly played: Played } | { readonly refusal: Enforced };

/** The first refusal that the model's trace does not have; null: the attack succeeded. */
export async function play(stage: Stage, steps: readonly Step[]): Promise<Refusal> {
  let played: Played = { sessions: new Map(), codes: new Map(), messages: new Map(), answers: new Map() };
  const together = steps.filter(({ step }) => step === "begin");
  for (const step of steps) {
    const after =
      step === together[0]
        ? await sendTogether(stage, played, together.length, step)
        : await playStep(stage, played, step);
    if ("refusal" in after) return after.refusal;
    played = after.played;
  }
  return null;
}

async function playStep(stage: Stage, played: Played, step: Step): Promise<After> {
  switch (step.step) {
    case "ask":
      return ask(stage, played, step.request);
    case "hand":
      return hand(stage, played, step);
    case "send":
      return send(stage, played, step);
    case "answer":
      return answer(stage, played, step);
    case "operate":
      await operate(stage, step.action);
      return { played };
    case "reveal by a vendor's protocol":
      return { refusal: { by: "issuer", code: await revealByVendor(stage) } };
    case "unbind":
      return { refusal: { by: "issuer", code: await unbindAsPartner(stage) } };
    default:
      return { played };
  }
}

// --- sessions --------------------------------------------------------------------------------------------------------

/** A session of the relay's own. */
async function ask({ world }: Stage, played: Played, request: SessionRequest): Promise<After> {
  const { op, auth, card, device, sid } = request;
  const key = world.keys[device ?? ""];
  const wish = {
    ...{ op, auth, card: world.names[card] },
    ...(op === "bind" ? { key } : {}),
    ...(auth === "device" && key ? { device: await thumbprintOf(primitives, key) } : {}),
  } as SessionWish;
  const asked = makeSessionRequest(primitives, wish);
  const reply = await world.mallory.partner("/sessions", asked);
  if (reply.status !== 200) return { refusal: { by: "issuer", code: reply.body.code } };
  const session = await accept(world, reply.body, asked);
  const holder = holderOf(card) === "Alice" ? world.alice : world.mallory;
  const codes = auth === "code" ? [[codeOf(sid).key, await holder.newestCode()] as const] : [];
  return {
    played: {
      ...played,
      sessions: new Map([...played.sessions, [sid.key, session]]),
      codes: new Map([...played.codes, ...codes]),
    },
  };
}

async function accept(
  { alice }: PlayedWorld,
  body: { session: unknown; manifest: unknown },
  request: WireSessionRequest,
  sub?: string,
): Promise<AcceptedSession> {
  const { roots, issuerKeysUrl } = alice.sandbox.native;
  const manifest = body.manifest ?? (await call("GET", issuerKeysUrl)).body;
  const pins = { issuer: new URL(issuerKeysUrl).origin, roots };
  const clockSeconds = Math.floor(Date.now() / 1000);
  return acceptSession(
    primitives,
    { session: body.session, manifest },
    { request, pins, lowestSeq: 0, sub, clockSeconds },
  );
}

/** The device asks; the relay asks the issuer for what it likes with the device's nonce, and hands that over. */
async function hand({ world, scenario }: Stage, played: Played, step: Extract<Step, { step: "hand" }>): Promise<After> {
  const run = scenario.runs[step.run] as Run;
  const key = world.keys[run.key ?? ""];
  const { request } = step;
  if (request === undefined) throw new Error("a session that the issuer did not make: see playOnDevice");
  const wished = makeSessionRequest(primitives, {
    ...{ op: run.op, auth: run.auth, card: world.names[scenario.isCardNamedByRelay ? request.card : run.card] },
    ...(run.op === "bind" ? { key } : {}),
    ...(run.auth === "device" && key ? { device: await thumbprintOf(primitives, key) } : {}),
  } as SessionWish);
  const reply = await world.mallory.partner("/sessions", { ...wished, card: world.names[request.card] });
  if (reply.status !== 200) return { refusal: { by: "issuer", code: reply.body.code } };
  try {
    const sub = run.auth === "device" ? world.alice.sandbox.native.personId : undefined;
    const session = await accept(world, reply.body, wished, sub);
    if (session.claims.holder !== "Alice") return { refusal: { by: "person", code: "another holder is shown" } };
    const codes = run.auth === "code" ? [[codeOf(request.sid).key, await world.alice.newestCode()] as const] : [];
    const known: Played = {
      ...played,
      sessions: new Map([...played.sessions, [request.sid.key, session]]),
      codes: new Map([...played.codes, ...codes]),
    };
    const code = step.code === null ? undefined : known.codes.get(step.code.key);
    const secrets = {
      pin: run.op === "bind" ? initialPin : (typedPins[step.run] ?? ""),
      ...(code && { code, digits: world.digits[run.card] }),
    };
    const message = await makeMessage(session, secrets, key);
    return { played: { ...known, messages: new Map([...known.messages, [step.run, message]]) } };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}

export function refusalOf(error: unknown): Enforced {
  if (error instanceof LinchpinError) return { by: "device", code: error.code };
  throw error;
}

interface Secrets {
  readonly pin: string;
  readonly code?: string;
  readonly digits?: string;
}

async function makeMessage(
  session: AcceptedSession,
  { pin: text, ...others }: Secrets,
  key?: SigningKey,
): Promise<OperationMessage> {
  if (isReveal(session.claims.op)) return makeRevealMessage(primitives, session, key as SigningKey);
  const pin = new Pin(utf8(text));
  return makeSealedMessage(primitives, session, { ...others, pin }, key);
}

// --- messages --------------------------------------------------------------------------------------------------------

async function send(stage: Stage, played: Played, step: Extract<Step, { step: "send" }>): Promise<After> {
  const { request, asked, outcome } = step;
  const isGuess = request.message.args[2]?.args[1]?.key === guess.key && outcome === "code_incorrect";
  const begun = asked === undefined ? { played } : await ask(stage, played, asked);
  if ("refusal" in begun) return begun;
  const sent = await sendOnce(stage, begun.played, request);
  if (sent.outcome !== outcome) return { refusal: { by: "issuer", code: sent.outcome } };
  const { claims } = request.session;
  for (let time = 1; isGuess && claims.op === "bind" && time < guessesEach; time++)
    if (claims.sid.key.startsWith("sid of the relay")) await guessAgain(stage, request.session);
  const { h } = request.session;
  const name = `${h.key} ${hash(request.message).key}`;
  const answers = sent.answer === undefined ? [] : [[name, sent.answer] as const];
  return { played: { ...begun.played, answers: new Map([...begun.played.answers, ...answers]) } };
}

/** The model takes fewer wrong codes than the issuer. */
async function guessAgain(stage: Stage, { claims }: Session): Promise<void> {
  const empty = { sessions: new Map(), codes: new Map(), messages: new Map(), answers: new Map() };
  const { op, auth, nonce, device, sid } = claims;
  const begun = await ask(stage, empty, { op, auth, card: claims.card.ref, nonce, device, sid });
  if ("refusal" in begun) throw new Error(`a guess too few was taken: ${begun.refusal.code}`);
  const session = begun.played.sessions.get(sid.key) as AcceptedSession;
  const key = stage.world.keys[device ?? ""];
  const message = await makeMessage(
    session,
    { pin: initialPin, code: "000000", digits: stage.world.digits[claims.card.ref] },
    key,
  );
  await stage.world.mallory.partner("/operations", message.request);
}

async function sendTogether(stage: Stage, played: Played, count: number, step: Step): Promise<After> {
  if (step.step !== "begin") throw new Error("unreachable");
  const outcomes = await Promise.all(Array.from({ length: count }, () => sendOnce(stage, played, step.request)));
  const spent = outcomes.filter(({ outcome }) => outcome === "spent");
  return spent.length < count - 1 ? { played } : { refusal: { by: "issuer", code: "spent" } };
}

/** What the issuer said, signed or not: result or code. */
async function sendOnce(
  stage: Stage,
  played: Played,
  request: OperationRequest,
): Promise<{ outcome: string; answer?: string }> {
  const { body } = await stage.world.mallory.partner("/operations", await wireOf(stage, played, request));
  if (body.answer === undefined) return { outcome: body.code };
  const said = JSON.parse(Buffer.from(body.answer.split(".")[1], "base64url").toString());
  return { outcome: said.code ?? said.result, answer: body.answer };
}

async function wireOf({ world, scenario }: Stage, played: Played, request: OperationRequest): Promise<WireRequest> {
  const { session: modelled, message, signature, key, isMalleated } = request;
  const session = played.sessions.get(modelled.claims.sid.key) as AcceptedSession;
  const { claims } = modelled;
  const from = runOf(message);
  const relay = world.keys["relay"] as SigningKey;
  const made =
    from === null
      ? await makeMessage(session, ownSecrets(world, scenario, played, message), relay)
      : (played.messages.get(from) as OperationMessage);
  const bytes = bytesFromBase64url(made.request.message);
  const signer = keyOf(signature);
  const isHonest = signer?.startsWith("alice") === true;
  const isText = signature?.args[1]?.name === "text";
  const signatureText =
    isHonest && from !== null
      ? made.request.signature
      : base64urlFromBytes(await signed(world.keys[signer ?? "relay"] as SigningKey, session, bytes, isText));
  const bound = world.keys[key ?? ""];
  return {
    session: isMalleated ? malleated(session.compact) : session.compact,
    message: made.request.message,
    ...(isSigned(claims) && signatureText !== undefined ? { signature: signatureText } : {}),
    ...(bound ? { key: jwkOf(bound) } : {}),
  };
}

async function signed(
  key: SigningKey,
  { hash: h }: AcceptedSession,
  message: Uint8Array<ArrayBuffer>,
  isText: boolean,
): Promise<Uint8Array> {
  const r = await primitives.sha256(message);
  return key.sign(isText ? concatBytes(h, r) : deviceSigned(h, r));
}

/** Whose message it is: a run's, or the relay's own. */
function runOf({ args, name }: Term): number | null {
  const origin = (name === "public" ? args[0]?.name : args[3]?.name) ?? "";
  const index = /(?:once|seed of run) (\d)/.exec(origin)?.[1];
  return index === undefined ? null : Number(index);
}

function keyOf(signature: Term | null): Key | null {
  return signature === null ? null : JSON.parse(signature.args[0]?.name ?? "null");
}

/** What the relay seals: a PIN of its own or the one that it tries, a code that it knows or makes up. */
function ownSecrets({ digits }: PlayedWorld, _: Scenario, { codes }: Played, message: Term): Secrets {
  const [pin, code, typed] = message.args[2]?.args ?? [];
  const card = (["A1", "A2", "M"] as const).find((each) => typed?.key === `digits of ${each}`);
  return {
    pin: pin?.key.startsWith("pin of A") ? initialPin : "5837",
    code: codes.get(code?.key ?? "") ?? "000000",
    digits: card === undefined ? "00000000" : digits[card],
  };
}

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** `(r, n - s)` verifies wherever `(r, s)` does. */
function malleated(compact: string): string {
  const [header, payload, signature = ""] = compact.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const s = order - BigInt(`0x${bytes.subarray(32).toString("hex")}`);
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
  return `${header}.${payload}.${other.toString("base64url")}`;
}

// --- answers, and beside the protocol --------------------------------------------------------------------------------

async function answer({ world }: Stage, played: Played, step: Extract<Step, { step: "answer" }>): Promise<After> {
  const message = played.messages.get(step.run) as OperationMessage;
  const { h, r, signer } = step.answer;
  const session = [...played.sessions].find(([sid]) => sid === `sid of run ${step.run}`)?.[1] as AcceptedSession;
  const genuine = played.answers.get(`${h.key} ${r.key}`);
  const text = signer === "relay" ? await forgedAnswer(world, session, message) : genuine;
  try {
    await acceptAnswer(primitives, text, session, message);
    return { played };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}

async function forgedAnswer(
  { keys }: PlayedWorld,
  { claims, hash: h }: AcceptedSession,
  message: OperationMessage,
): Promise<string> {
  const key = keys["relay"] as SigningKey;
  const payload = {
    ...{ iss: claims.iss, sid: claims.sid, iat: claims.iat, op: claims.op },
    ...{ h: base64urlFromBytes(h), r: base64urlFromBytes(message.hash) },
    ...{ result: "changed", version: claims.card.version + 1 },
  };
  return signJws({ typ: answerTyp, kid: await thumbprintOf(primitives, key), payload }, key.sign);
}

async function operate({ world }: Stage, action: "block" | "unblock" | "unbind"): Promise<void> {
  const { alice, ids, keys } = world;
  if (action !== "unbind") {
    await alice.operator("PATCH", `/cards/${ids.A1}`, { state: action === "block" ? "blocked" : "active" });
    return;
  }
  const thumbprint = await thumbprintOf(primitives, keys["alice-phone"] as SigningKey);
  await alice.operator("DELETE", `/persons/${alice.sandbox.native.personId}/keys/${thumbprint}`);
}

/** By the protocol that reveals to whoever has the role. */
async function revealByVendor({ world: { alice, plumeryTokens } }: Stage): Promise<string> {
  const plumery = { ...alice.sandbox.plumery, cardToken: plumeryTokens.A1 };
  return (await (await PlumeryClient.create({ plumery })).pin()).body.code;
}

async function unbindAsPartner({ world: { alice, mallory, keys } }: Stage): Promise<string> {
  const thumbprint = await thumbprintOf(primitives, keys["alice-phone"] as SigningKey);
  const url = `${alice.sandbox.issuer.baseUrl}/persons/${alice.sandbox.native.personId}/keys/${thumbprint}`;
  return (await call("DELETE", url, { bearer: mallory.token })).body.code;
}
