import type { Authorization, Operation } from "@linchpin/protocols/native/layout";
import { sealingKey, signingKey } from "@linchpin/protocols/native/layout";
import type { Knowledge } from "./deduction.ts";
import type { Answer, Card, Key, Person, Session, Term } from "./term.ts";
import { secret } from "./term.ts";

// Who and what there is, and what a state of the search holds. Nothing is changed in place.

export const cards = ["A1", "A2", "M"] as const satisfies readonly Card[];
export const holderOf = (card: Card): Person => (card === "M" ? "Mallory" : "Alice");
export const initialPin = (card: Card) => secret(`pin of ${card}`);
export const relaysPin = secret("pin of the relay's own");
/** Of the messages that the relay seals. */
export const relaysSeed = secret("seed of the relay");
/** Any PIN or code that the relay makes up. */
export const guess = secret("guess");

/** Time has two values: before the issuer's keys were rotated, and now. */
export const before = 1;
export const now = 2;

/** What a manifest lists: key, purpose, from when and until when. */
export interface Manifest {
  readonly name: "old" | "current" | "relay's";
  readonly seq: number;
  readonly signer: Key;
  readonly exp: number;
  readonly keys: readonly { readonly kid: Key; readonly purpose: string; readonly exp: number }[];
}

const signing = (kid: Key, exp = 9) => ({ kid, purpose: signingKey.purpose, exp });
const sealing = (kid: Key, exp = 9) => ({ kid, purpose: sealingKey.purpose, exp });

/** The old one lists the next keys already, as every key is published before it is used; its day is not over yet. */
export const manifests: readonly Manifest[] = [
  { name: "current", seq: 2, signer: "root", exp: 4, keys: [signing("signing2"), sealing("hpke2")] },
  {
    name: "old",
    seq: 1,
    signer: "root",
    exp: 3,
    keys: [signing("signing1"), sealing("hpke1"), signing("signing2"), sealing("hpke2")],
  },
  { name: "relay's", seq: 2, signer: "relay", exp: 4, keys: [signing("relay"), sealing("relay"), signing("signing2")] },
];

/** What an honest person means to do by an honest device. */
export interface Run {
  readonly op: Operation;
  readonly auth: Authorization;
  /** The card that the person has in mind. */
  readonly card: Card;
  /** The device's key, or the one to bind; null for a change by code. */
  readonly key: Key | null;
  /** The PIN that is typed. */
  readonly pin?: Term;
}

export type RunState =
  | { readonly status: "asked"; readonly ref: Card }
  | (SentRun & { readonly status: "sent" })
  | (SentRun & { readonly status: "ended"; readonly answer: Answer });

interface SentRun {
  readonly ref: Card;
  readonly session: Session;
  readonly manifest: Manifest;
  readonly message: Term;
  readonly r: Term;
  readonly signature: Term | null;
  /** Which message of honest devices this was. */
  readonly order: number;
}

/** What the issuer did: never a refusal. */
export interface Deed {
  readonly op: Operation;
  readonly auth: Authorization;
  readonly card: Card;
  readonly key: Key | null;
  readonly h: Term;
  readonly r: Term;
  readonly version: number;
  readonly result: Answer["result"];
  /** Whether the key was bound then. */
  readonly isKeyLive: boolean;
}

/** A request to the issuer, `POST /native/v1/operations`. */
export interface OperationRequest {
  readonly session: Session;
  /** The same signature in its other form, `n - s`: it verifies too. */
  readonly isMalleated: boolean;
  readonly message: Term;
  readonly signature: Term | null;
  readonly key: Key | null;
}

interface CardState {
  readonly version: number;
  readonly pin: Term;
  readonly isBlocked: boolean;
}

/** What the deciding statement found. */
export interface Verdict {
  readonly result: Answer["result"];
  readonly code: string | null;
}

export interface State {
  readonly runs: readonly RunState[];
  readonly known: Knowledge;
  readonly sessions: readonly Session[];
  readonly answers: readonly Answer[];
  /** The manifest's number that the honest device keeps. */
  readonly keptSeq: number;
  readonly cards: Readonly<Record<Card, CardState>>;
  readonly keys: Readonly<Record<Key, { readonly person: Person; readonly isLive: boolean }>>;
  /** Codes that were sent, and to whom. */
  readonly codes: readonly { readonly session: Term; readonly person: Person; readonly code: Term }[];
  readonly marks: readonly { readonly mark: Term; readonly r: Term; readonly verdict: Verdict }[];
  readonly wrongCodes: Readonly<Record<Person, number>>;
  readonly deeds: readonly Deed[];
  /** Keys that were unbound, and by whom. */
  readonly unbound: readonly { readonly key: Key; readonly by: "operator" | "relay" }[];
  /** What the operator has done, each once. */
  readonly operated: readonly string[];
  readonly isLeaked: boolean;
  /** Requests that the issuer has begun with, where requests run side by side. */
  readonly begun: readonly {
    readonly request: OperationRequest;
    readonly seen: State["cards"];
    readonly early: Verdict;
  }[];
}

/** Two states with one key have one future: what is known follows from what was sent. */
export function stateKey({ runs, sessions, answers, marks, codes, deeds, begun, known: _, ...others }: State): string {
  const sent = runs.map((run) =>
    run.status === "asked"
      ? run.ref
      : [run.ref, run.session.h, run.manifest.name, run.r, run.order, run.status === "ended" ? run.answer.term : 0],
  );
  return JSON.stringify([
    sent,
    sessions.map(({ h }) => h.key).sort(),
    answers.map(({ term }) => term.key).sort(),
    marks.map(({ mark, r }) => `${mark.key} ${r.key}`).sort(),
    codes.length,
    deeds.map(({ op, h, r, result, key, isKeyLive }) => [op, h, r, result, key, isKeyLive]),
    begun.map(({ request, early }) => [request.session.h, request.message, request.isMalleated, early]),
    others,
  ]);
}
