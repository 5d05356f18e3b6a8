import { type Authorization, isReveal, isSigned, type Operation } from "@linchpin/protocols/native/layout";
import { usedParts } from "../../packages/protocols/native/parts.ts";
import { learn } from "./deduction.ts";
import { infoOf, signedBy } from "./device.ts";
import { codeOf, digitsOf, last4Of, type Model } from "./scenario.ts";
import {
  type Answer,
  answerInfo,
  type Card,
  hash,
  type Key,
  type Person,
  type Session,
  sealed,
  secret,
  signature,
  signedAnswer,
  signedSession,
  type Term,
  zero,
} from "./term.ts";
import { guess, holderOf, now, type OperationRequest, relaysSeed, type State, type Verdict } from "./world.ts";

// The issuer: `openSession`, `runNativeOperation` and the deciding statement.

export interface SessionRequest {
  readonly op: Operation;
  readonly auth: Authorization;
  readonly card: Card;
  readonly nonce: Term;
  readonly device: Key | null;
  /** Names the session. */
  readonly sid: Term;
}

/** So many wrong codes in a row are taken in the model, where ten are in the issuer. */
export const wrongInARow = 2;

/** `POST /native/v1/sessions`: null where it is refused. */
export function openSession(
  model: Model,
  state: State,
  request: SessionRequest,
): { session: Session; state: State } | null {
  const { auth, card, nonce, sid } = request;
  const person = holderOf(card);
  if (!isAllowed(model, state, request, person)) return null;
  const session = makeSession(model, state, request);
  const code = codeOf(sid);
  const sent = auth === "code" ? [{ session: sid, person, code }] : [];
  const isReadByRelay = person === "Mallory" || model.scenario.areCodesTypedAnywhere;
  return {
    session,
    state: {
      ...state,
      sessions: [...state.sessions, session],
      codes: [...state.codes, ...sent],
      known: learn(state.known, [session.term, nonce, ...(isReadByRelay ? sent.map((each) => each.code) : [])]),
    },
  };
}

export function makeSession(
  model: Model,
  state: State,
  { op, auth, card, nonce, device, sid }: SessionRequest,
): Session {
  const person = holderOf(card);
  const claims = {
    ...{ sid, op, auth, nonce, device, seq: now, iat: now, sub: person, holder: person, hpke: "hpke2" },
    to: auth === "code" ? person : null,
    card: { ref: card, last4: last4Of(model.scenario, card), version: state.cards[card].version },
    ...(op === "bind" && asksPresentPin(model, card) ? { presentPin: true } : {}),
  };
  return signedSession(claims, "signing2");
}

/** Of Alice's cards A1 alone is of a program that asks for the PIN. */
function asksPresentPin({ scenario, rules }: Model, card: Card): boolean {
  const isAsked = card === "A1" || (card === "A2" && rules.has("present-pin-of-any-card"));
  return scenario.asksPresentPin === true && isAsked;
}

function isAllowed(
  { scenario, rules }: Model,
  state: State,
  { op, auth, device }: SessionRequest,
  person: Person,
): boolean {
  if (auth === "device") {
    const key = state.keys[device ?? ""];
    return key?.isLive === true && (key.person === person || !rules.has("person-checked"));
  }
  if (isLocked({ rules }, state, person)) return false;
  if (op === "bind") return state.keys[device ?? ""] === undefined;
  if (scenario.asksPresentPin && person === "Alice" && rules.has("present-pin-not-by-code")) return false;
  return scenario.allowsChangeByCode === true && (!hasLiveKey(state, person) || !rules.has("no-code-beside-device"));
}

const hasLiveKey = ({ keys }: State, person: Person) =>
  Object.values(keys).some((key) => key.person === person && key.isLive);

function isLocked({ rules }: Pick<Model, "rules">, { wrongCodes }: State, person: Person): boolean {
  return rules.has("code-limits") && wrongCodes[person] >= wrongInARow;
}

// --- POST /native/v1/operations --------------------------------------------------------------------------------------

/** Whether the request passes all that is refused without a signed answer: nothing is changed by what does not. */
export function isTaken(
  { rules }: Model,
  state: State,
  { session, message, signature: sent, key }: OperationRequest,
): boolean {
  const { claims, signer } = session;
  const isReadable = isReveal(claims.op) ? message.name === "public" : message.name === "sealed";
  const isOwn = signer === "signing2" && claims.iat === now && isReadable;
  if (!isOwn || (key !== null) !== (claims.op === "bind")) return false;
  if (claims.op === "bind" && key !== claims.device && rules.has("key-in-session")) return false;
  if (claims.auth === "code" && codeFor(state, session) === undefined) return false;
  if (claims.auth === "device" && state.keys[claims.device ?? ""] === undefined) return false;
  if (holderOf(claims.card.ref) !== claims.sub) return false;
  const isUnsigned = !isSigned(claims) || (isReveal(claims.op) && !rules.has("one-time-key-signed"));
  if (isUnsigned || (claims.op === "bind" && !rules.has("key-proved"))) return true;
  return sent?.key === signature(key ?? claims.device ?? "", signedBy(rules, session, hash(message))).key;
}

const codeFor = ({ codes }: State, { claims }: Session) =>
  codes.find(({ session, person }) => session.key === claims.sid.key && person === claims.sub);

interface Opened {
  readonly isOpen: boolean;
  /** Null: the operation has no code. */
  readonly isCodeRight: boolean | null;
  readonly pin: Term;
}

function open({ scenario, rules }: Model, state: State, { session, message }: OperationRequest): Opened {
  const { claims } = session;
  const used = usedParts(claims);
  if (isReveal(claims.op)) return { isOpen: true, isCodeRight: null, pin: zero };
  const [to, info, plaintext] = message.args as [Term, Term, Term];
  const [pin, code, digits] = plaintext.args as [Term, Term, Term];
  const isRecipient = to.args[0]?.name === `"${claims.hpke}"`;
  const hasParts =
    (used.pin || pin.key === zero.key) && (used.codeAndDigits || (code.key === zero.key && digits.key === zero.key));
  const isOpen = isRecipient && info.key === infoOf(rules, session).key && hasParts;
  const hasDigits = digits.key === digitsOf(scenario, claims.card.ref).key || !rules.has("digits-sealed");
  const isGuessed = code.key === guess.key && state.wrongCodes[claims.sub] >= wrongInARow;
  const isCode = code.key === codeFor(state, session)?.code.key || isGuessed;
  return { isOpen, isCodeRight: claims.auth === "code" ? isOpen && isCode && hasDigits : null, pin };
}

/** As the deciding statement has it, in its order. `seen`: the cards as they were when the message was opened. */
export function decide(model: Model, state: State, request: OperationRequest, seen: State["cards"]): Verdict {
  const { scenario, rules } = model;
  const { claims } = request.session;
  const { isOpen, isCodeRight, pin } = open(model, state, request);
  const card = state.cards[claims.card.ref];
  const device = state.keys[claims.device ?? ""];
  const isDevices = device?.person === claims.sub || !rules.has("person-checked");
  const isDeviceLive = (device?.isLive && isDevices) || !rules.has("device-checked");
  const isReused = scenario.hasPinHistory && claims.op === "pin-change" && pin.key === seen[claims.card.ref].pin.key;
  if (card.isBlocked) return refused("card_blocked");
  if (claims.auth === "device" && !isDeviceLive) return refused("device_unknown");
  if (isCodeRight !== null && isLocked(model, state, claims.sub)) return refused("code_locked");
  if (!isOpen) return refused("decryption_failed");
  if (isReused && !rules.has("code-first")) return refused("pin_reused");
  if (isCodeRight === false) return refused("code_incorrect");
  const isByCode = claims.op === "pin-change" && claims.auth === "code";
  if (isByCode && hasLiveKey(state, claims.sub) && rules.has("no-code-beside-device")) return refused("session_stale");
  const hasVersion = claims.op === "pin-change" || claims.op === "pin-verify" || claims.presentPin;
  if (hasVersion && claims.card.version !== card.version && rules.has("version-checked"))
    return refused("session_stale");
  if (isReused) return refused("pin_reused");
  switch (claims.op) {
    case "bind":
      if (claims.presentPin && pin.key !== seen[claims.card.ref].pin.key) return refused("pin_refused");
      return state.keys[request.key ?? ""] === undefined ? done("bound") : refused("device_unknown");
    case "pin-change":
      return done("changed");
    case "pin-verify":
      return done(pin.key === seen[claims.card.ref].pin.key ? "match" : "mismatch");
    default:
      return done("revealed");
  }
}

const done = (result: Answer["result"]): Verdict => ({ result, code: null });
const refused = (code: string): Verdict => ({ result: "refused", code });

/** What names the session once it is used. */
function markOf({ rules }: Pick<Model, "rules">, { session, isMalleated }: OperationRequest): Term {
  return rules.has("signature-names-nothing") || !isMalleated ? session.h : hash(hash(session.h));
}

/** By which message the session was used before. */
export function firstMessage(model: Model, { marks }: State, request: OperationRequest) {
  if (!model.rules.has("one-answer")) return undefined;
  const mark = markOf(model, request);
  return marks.find((each) => each.mark.key === mark.key);
}

/** Does what was decided, marks the session as used, and answers. */
export function carryOut(model: Model, state: State, request: OperationRequest, verdict: Verdict): State {
  const { claims, h } = request.session;
  const isRefused = verdict.result === "refused";
  const r = hash(request.message);
  const isMarked = model.rules.has("refusal-spends") || !isRefused;
  const marks = isMarked ? [...state.marks, { mark: markOf(model, request), r, verdict }] : state.marks;
  const { pin } = open(model, state, request);
  const key = request.key ?? claims.device;
  const { ref, version } = claims.card;
  const deed = {
    ...{ op: claims.op, auth: claims.auth, card: ref, key, h, r, version, result: verdict.result },
    isKeyLive: claims.op === "bind" || claims.auth === "code" || state.keys[key ?? ""]?.isLive === true,
  };
  const card = state.cards[ref];
  const changed = { ...card, version: card.version + 1, pin };
  const after: State = {
    ...state,
    marks,
    wrongCodes: { ...state.wrongCodes, [claims.sub]: wrongAfter(state.wrongCodes[claims.sub], claims.auth, verdict) },
    deeds: isRefused ? state.deeds : [...state.deeds, deed],
    cards: verdict.result === "changed" ? { ...state.cards, [ref]: changed } : state.cards,
    keys:
      verdict.result === "bound" ? { ...state.keys, [key ?? ""]: { person: claims.sub, isLive: true } } : state.keys,
  };
  const revealed =
    verdict.result === "revealed"
      ? sealTo(request, claims.op === "pin-reveal" ? card.pin : secret(`number of ${ref}`))
      : null;
  const isRelays = request.message.args[3]?.key === relaysSeed.key;
  const told = verdict.code === "pin_reused" && isRelays ? [pin] : [];
  return answer(after, { h, r, op: claims.op, ...verdict, sealed: revealed, spentBy: null }, told);
}

/** The answer where another message, or this one, was first. */
export function answerSpent(state: State, request: OperationRequest, first: State["marks"][number]): State {
  const { claims, h } = request.session;
  const r = hash(request.message);
  const isOwn = first.r.key === r.key;
  const outcome = isOwn ? first.verdict : ({ result: "spent", code: null } as const);
  return answer(state, { h, r, op: claims.op, ...outcome, sealed: null, spentBy: isOwn ? null : first.r }, []);
}

/** @param told what the relay makes out of the answer: which PIN was a former one, if it tried one */
function answer(state: State, claims: Omit<Answer, "signer" | "term">, told: readonly Term[]): State {
  const signed = signedAnswer(claims, "signing2");
  const isKnown = state.answers.some(({ term }) => term.key === signed.term.key);
  if (isKnown && told.length === 0) return state;
  return {
    ...state,
    answers: isKnown ? state.answers : [...state.answers, signed],
    known: learn(state.known, [signed.term, ...told]),
  };
}

function wrongAfter(wrong: number, auth: Authorization, { result, code }: Verdict): number {
  if (code === "code_incorrect") return wrong + 1;
  return auth === "code" && result !== "refused" ? 0 : wrong;
}

function sealTo({ session, message }: OperationRequest, value: Term): Term {
  const [key] = message.args as [Term];
  const r = hash(message);
  return sealed(JSON.parse(key.name), answerInfo(session.h, r), value, secret(`seed of ${r.key}`));
}
