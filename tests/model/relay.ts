import {
  type Authorization,
  isOperation,
  isReveal,
  type Operation,
  operations,
  resultsOf,
} from "@linchpin/protocols/native/layout";
import { usedParts } from "../../packages/protocols/native/parts.ts";
import { derives, learn } from "./deduction.ts";
import { acceptsAnswer, acceptsSession, infoOf, makeMessage, signedBy } from "./device.ts";
import {
  answerSpent,
  carryOut,
  decide,
  firstMessage,
  isTaken,
  makeSession,
  openSession,
  type SessionRequest,
} from "./issuer.ts";
import { codeOf, digitsOf, last4Of, type Model, nonceOf } from "./scenario.ts";
import {
  type Answer,
  hash,
  type Key,
  parts,
  privateKey,
  publicKey,
  type Session,
  sealed,
  secret,
  signature,
  signedAnswer,
  signedSession,
  type Term,
  word,
  zero,
} from "./term.ts";
import {
  before,
  cards,
  guess,
  initialPin,
  type Manifest,
  manifests,
  now,
  type OperationRequest,
  type RunState,
  relaysPin,
  relaysSeed,
  type State,
} from "./world.ts";

// What the relay may do next. It is the network: whatever an honest party sends is in its knowledge, and every message that
// an honest party would take, and that the relay can derive, it may deliver. What would be refused without a trace, no
// party is sent: nothing is changed by it.

export type Step =
  | { readonly step: "ask"; readonly request: SessionRequest }
  /** `request`: the session is asked for just now, for this run. */
  | {
      readonly step: "hand";
      readonly run: number;
      readonly manifest: Manifest;
      readonly session: Session;
      readonly request?: SessionRequest;
      readonly code: Term | null;
    }
  /** `asked`: the session is asked for just now. `outcome`: what the issuer answers, result or code. */
  | {
      readonly step: "send";
      readonly request: OperationRequest;
      readonly asked?: SessionRequest;
      readonly outcome: string;
    }
  | { readonly step: "begin" | "commit"; readonly request: OperationRequest }
  | { readonly step: "answer"; readonly run: number; readonly answer: Answer }
  | { readonly step: "operate"; readonly action: "block" | "unblock" | "unbind" }
  | { readonly step: "leak" | "reveal by a vendor's protocol" | "unbind" };

export interface Move {
  readonly step: Step;
  readonly state: State;
}

export function movesOf(model: Model, state: State): readonly Move[] {
  return [
    ...hands(model, state),
    ...sends(model, state),
    ...answers(model, state),
    ...asks(model, state),
    ...others(model, state),
  ];
}

// --- sessions of the relay's own -------------------------------------------------------------------------------------

/** Those with a code: it is sent as soon as one asks. The others are asked for when a message is sent to them. */
function asks(model: Model, state: State): readonly Move[] {
  return ownSessions(model, state, "code").map(({ request, state: after }) => ({
    step: { step: "ask", request },
    state: after,
  }));
}

interface OwnSession {
  readonly request: SessionRequest;
  readonly session: Session;
  readonly state: State;
}

function ownSessions(model: Model, state: State, auth: Authorization): readonly OwnSession[] {
  const { scenario } = model;
  const own = state.sessions.filter(({ claims }) => claims.sid.key.startsWith(ownSid)).length;
  if (own >= scenario.ownSessions) return [];
  const names = { nonce: secret("nonce of the relay"), sid: secret(`${ownSid} ${own}`) };
  return operations
    .filter((op) => isOperation(op, auth) && (scenario.ownOperation ?? op) === op)
    .flatMap((op) =>
      cards.flatMap((card) =>
        devicesFor(model, state, op, auth).flatMap((device) => {
          // Its own card by its own key is nothing to anybody.
          if (card === "M" && device?.startsWith("relay")) return [];
          const request = { op, auth, card, device, ...names };
          const opened = openSession(model, state, request) ?? forge(model, state, request);
          return opened === null ? [] : [{ request, ...opened }];
        }),
      ),
    );
}

/** With the issuer's signing key the relay needs nobody to make a session. */
function forge(model: Model, state: State, request: SessionRequest): { session: Session; state: State } | null {
  if (request.auth === "code" || !derives(state.known, privateKey("signing2"))) return null;
  const session = makeSession(model, state, request);
  return { session, state: { ...state, sessions: [...state.sessions, session] } };
}

const ownSid = "sid of the relay";

/** A new key of the relay's own or of Alice's, to bind it; a bound one, to sign. */
function devicesFor({ scenario }: Model, state: State, op: Operation, auth: Authorization): readonly (Key | null)[] {
  if (op === "bind")
    return ["relay-new", ...scenario.runs.flatMap((run) => (run.op === "bind" ? (run.key ?? []) : []))];
  return auth === "code" ? [null] : Object.keys(state.keys);
}

// --- sessions to devices ---------------------------------------------------------------------------------------------

function hands(model: Model, state: State): readonly Move[] {
  return state.runs.flatMap((run, index) => (run.status === "asked" ? handsTo(model, state, index) : []));
}

function handsTo(model: Model, state: State, index: number): readonly Move[] {
  const { op, auth, key } = model.scenario.runs[index] as Model["scenario"]["runs"][number];
  const fresh = cards.flatMap((card) =>
    (op === "bind" ? [key, "relay-new"] : [key]).flatMap((device) => {
      const request = { op, auth, card, nonce: nonceOf(index), device, sid: secret(`sid of run ${index}`) };
      const opened = openSession(model, state, request);
      return opened === null ? [] : [{ ...opened, request }];
    }),
  );
  const known = state.sessions.map((session) => ({ session, state }));
  const forged = forgedFor(model, state, index).map((session) => ({
    session,
    state: { ...state, sessions: [...state.sessions, session] },
  }));
  return [...fresh, ...known, ...forged].flatMap((handed) =>
    manifests.flatMap((manifest) =>
      acceptsSession(model, state, index, manifest, handed.session) ? handOver(model, handed, index, manifest) : [],
    ),
  );
}

type Handed = { readonly session: Session; readonly state: State; readonly request?: SessionRequest };

/** The person types a code that reached them, by whichever message: the relay can send some too. */
function handOver(
  model: Model,
  { session, state, request }: Handed,
  index: number,
  manifest: Manifest,
): readonly Move[] {
  const { auth } = model.scenario.runs[index] as Model["scenario"]["runs"][number];
  const codes = state.codes.filter(({ person, code }) => person === "Alice" || derives(state.known, code));
  return (auth === "code" ? codes.map(({ code }) => code) : [null]).map((code) => {
    const sent = makeMessage(model, index, session, code);
    const order = state.runs.filter(({ status }) => status !== "asked").length;
    const run: RunState = {
      status: "sent",
      ref: (state.runs[index] as RunState).ref,
      session,
      manifest,
      order,
      ...sent,
    };
    const step = { step: "hand", run: index, manifest, session, code, ...(request && { request }) } as const;
    return {
      step,
      state: {
        ...state,
        runs: state.runs.with(index, run),
        keptSeq: Math.max(state.keptSeq, manifest.seq),
        known: learn(state.known, [sent.message, ...(sent.signature ? [sent.signature] : [])]),
      },
    };
  });
}

/** With a signing key that the relay has: of the run's own wish, to seal to any key that there is. */
function forgedFor({ scenario }: Model, state: State, index: number): readonly Session[] {
  const { op, auth, key } = scenario.runs[index] as Model["scenario"]["runs"][number];
  const { ref } = state.runs[index] as RunState;
  const signers = ["signing1", "signing2", "relay"].filter((signer) => derives(state.known, privateKey(signer)));
  return signers.flatMap((signer) =>
    ["hpke1", "hpke2", "relay", signer].flatMap((hpke) =>
      [before, now].map((time) =>
        signedSession(
          {
            ...{
              op,
              auth,
              device: key,
              hpke,
              nonce: nonceOf(index),
              sid: secret(`sid forged for ${index}`),
              seq: time,
              iat: time,
            },
            ...{ sub: "Alice", holder: "Alice", to: auth === "code" ? "Alice" : null },
            card: {
              ref,
              last4: last4Of(scenario, scenario.runs[index]?.card ?? ref),
              version: state.cards[ref].version,
            },
          },
          signer,
        ),
      ),
    ),
  );
}

// --- messages to the issuer ------------------------------------------------------------------------------------------

function sends(model: Model, state: State): readonly Move[] {
  const requests = state.sessions.flatMap((session) => requestsFor(model, state, session));
  const taken = requests.filter((request) => isTaken(model, state, request));
  if (model.scenario.isConcurrent) return [...begins(model, state, taken), ...commits(model, state)];
  const ofOwn = ownSessions(model, state, "device").flatMap((own) =>
    requestsFor(model, own.state, own.session)
      .filter((request) => isTaken(model, own.state, request))
      .map((request) => sendMove(model, own.state, request, own.request)),
  );
  const moves = taken.map((request) => sendMove(model, state, request)).filter((move) => move.state !== state);
  return [...moves, ...ofOwn];
}

function sendMove(model: Model, state: State, request: OperationRequest, asked?: SessionRequest): Move {
  const after = send(model, state, request, state.cards);
  const r = hash(request.message).key;
  const answer = after.answers.findLast((each) => each.r.key === r && each.h.key === request.session.h.key);
  const outcome = answer?.code ?? answer?.result ?? "";
  return { step: { step: "send", request, outcome, ...(asked && { asked }) }, state: after };
}

function send(model: Model, state: State, request: OperationRequest, seen: State["cards"]): State {
  const first = firstMessage(model, state, request);
  if (first !== undefined) return answerSpent(state, request, first);
  return carryOut(model, state, request, decide(model, state, request, seen));
}

/** Beside honest devices' messages as they are: each with each session, and what the relay seals, signed as it can. */
function requestsFor(model: Model, state: State, session: Session): readonly OperationRequest[] {
  const { claims } = session;
  const honest = state.runs.flatMap((run) => (run.status === "asked" ? [] : [run]));
  const messages = [...honest.map(({ message }) => message), ...ownMessages(model, state, session)];
  const keys =
    claims.op === "bind" ? [claims.device, ...(model.rules.has("key-in-session") ? [] : ["relay-new"])] : [null];
  return messages.flatMap((message) =>
    keys.flatMap((key) => {
      const made = signature(key ?? claims.device ?? "", signedBy(model.rules, session, hash(message)));
      const signatures = [null, ...honest.map((run) => run.signature), ...(derives(state.known, made) ? [made] : [])];
      const forms = model.scenario.isMalleated ? [false, true] : [false];
      return distinct(signatures).flatMap((each) =>
        forms.map((isMalleated) => ({ session, isMalleated, message, signature: each, key })),
      );
    }),
  );
}

function distinct(terms: readonly (Term | null)[]): readonly (Term | null)[] {
  return [...new Map(terms.map((term) => [term?.key, term])).values()];
}

function ownMessages({ scenario, rules }: Model, state: State, session: Session): readonly Term[] {
  const { op, auth, card, sid, hpke, presentPin } = { ...session.claims, card: session.claims.card.ref };
  if (isReveal(op)) return [publicKey("relay")];
  const used = usedParts({ op, auth, presentPin });
  const known = (term: Term) => derives(state.known, term);
  const digits = known(digitsOf(scenario, card)) ? digitsOf(scenario, card) : word("no digits");
  const codes = [guess, codeOf(sid)].filter(known);
  const pins = [relaysPin, ...(scenario.hasPinHistory ? [initialPin(card)] : [])];
  const plaintexts = (used.pin ? pins : [zero]).flatMap((pin) =>
    used.codeAndDigits ? codes.map((code) => parts(pin, code, digits)) : [parts(pin, zero, zero)],
  );
  return plaintexts.map((plaintext) => sealed(hpke, infoOf(rules, session), plaintext, relaysSeed));
}

/** Without the rule, what was decided when the request began is done whenever it ends. */
function begins(model: Model, state: State, requests: readonly OperationRequest[]): readonly Move[] {
  if (state.begun.length >= 2) return [];
  return requests
    .filter((request) => firstMessage(model, state, request) === undefined)
    .map((request) => {
      const begun = { request, seen: state.cards, early: decide(model, state, request, state.cards) };
      return { step: { step: "begin", request }, state: { ...state, begun: [...state.begun, begun] } };
    });
}

function commits(model: Model, state: State): readonly Move[] {
  return state.begun.map(({ request, seen, early }, index) => {
    const left = { ...state, begun: state.begun.toSpliced(index, 1) };
    const after = model.rules.has("one-statement")
      ? send(model, left, request, seen)
      : carryOut(model, left, request, early);
    return { step: { step: "commit", request }, state: after };
  });
}

// --- answers to devices ----------------------------------------------------------------------------------------------

function answers(model: Model, state: State): readonly Move[] {
  return state.runs.flatMap((run, index) => {
    if (run.status !== "sent") return [];
    return [...state.answers, ...forgedAnswers(state, run)]
      .filter((answer) => acceptsAnswer(model, run, answer))
      .map((answer) => ({
        step: { step: "answer", run: index, answer } as const,
        state: { ...state, runs: state.runs.with(index, { ...run, status: "ended", answer }) },
      }));
  });
}

function forgedAnswers({ known }: State, { session, r }: Extract<RunState, { status: "sent" }>): readonly Answer[] {
  const { op } = session.claims;
  return ["signing1", "signing2", "relay"].flatMap((signer) => {
    if (!derives(known, privateKey(signer))) return [];
    return (["refused", resultsOf[op][0]] as const).map((result) =>
      signedAnswer({ h: session.h, r, op, result, code: null, sealed: null, spentBy: null }, signer),
    );
  });
}

// --- beside the protocol ---------------------------------------------------------------------------------------------

function others({ scenario, rules }: Model, state: State): readonly Move[] {
  const { stolen, runs } = scenario;
  const key = runs.find(({ op, auth }) => op !== "bind" && auth === "device")?.key;
  const moves: Move[] = (scenario.operator ?? [])
    .filter((action) => !state.operated.includes(action))
    .flatMap((action) =>
      operate(state, action, key ?? null).map((after) => ({ step: { step: "operate", action }, state: after })),
    );
  if (stolen && !state.isLeaked && state.runs[0]?.status !== "asked")
    moves.push({
      step: { step: "leak" },
      state: { ...state, isLeaked: true, known: learn(state.known, stolen.keys.map(privateKey)) },
    });
  if (!rules.has("native-only") && !state.operated.includes("reveal"))
    moves.push({
      step: { step: "reveal by a vendor's protocol" },
      state: { ...state, operated: [...state.operated, "reveal"], known: learn(state.known, [state.cards.A1.pin]) },
    });
  if (!rules.has("relay-unbinds-nothing") && key && state.keys[key]?.isLive)
    moves.push({ step: { step: "unbind" }, state: unbind(state, key, "relay") });
  return moves;
}

/** Once each: the first run's card, its key. */
function operate(state: State, action: "block" | "unblock" | "unbind", key: Key | null): readonly State[] {
  const operated = [...state.operated, action];
  if (action === "unbind") return key === null ? [] : [{ ...unbind(state, key, "operator"), operated }];
  const isBlocked = action === "block";
  if (state.cards.A1.isBlocked === isBlocked) return [];
  return [{ ...state, operated, cards: { ...state.cards, A1: { ...state.cards.A1, isBlocked } } }];
}

function unbind(state: State, key: Key, by: "operator" | "relay"): State {
  return {
    ...state,
    keys: { ...state.keys, [key]: { person: "Alice", isLive: false } },
    unbound: [...state.unbound, { key, by }],
  };
}
