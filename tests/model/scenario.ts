import type { Operation } from "@linchpin/protocols/native/layout";
import { learn } from "./deduction.ts";
import type { QueryName } from "./queries.ts";
import type { Rules } from "./rules.ts";
import {
  type Card,
  type Key,
  type Person,
  privateKey,
  type Session,
  secret,
  signedSession,
  type Term,
} from "./term.ts";
import { before, cards, guess, holderOf, initialPin, type Run, relaysPin, relaysSeed, type State } from "./world.ts";

/** What honest persons mean to do, and what the relay has beyond the wire. What is left out is not there. */
export interface Scenario {
  readonly name: string;
  /** In any order, but a device makes its messages one after the other. */
  readonly runs: readonly Run[];
  /** Whether the relay says how the card is named that the device asks for. Else the app knows it. */
  readonly isCardNamedByRelay?: boolean;
  /** Two cards with the same last four digits. */
  readonly sameLast4: readonly [Card, Card];
  /** Whether those have the same last eight digits too. */
  readonly isLast8Same?: boolean;
  /** The relay knows the digits of Alice's cards, as vendors' protocols tell them. */
  readonly areDigitsKnown?: boolean;
  /** Alice types her codes wherever she is asked for them. */
  readonly areCodesTypedAnywhere?: boolean;
  /** By a vendor's protocol Alice's device signs any text. */
  readonly hasTextOracle?: boolean;
  readonly allowsChangeByCode?: boolean;
  readonly hasPinHistory?: boolean;
  /** The program of A1, which has a PIN, asks for the present PIN to bind a device; that of A2 does not. */
  readonly asksPresentPin?: boolean;
  /** Issuer's keys that the relay has from the start, or once the first run has accepted a session. */
  readonly stolen?: { readonly keys: readonly Key[]; readonly when: "start" | "first session" };
  /** A session from before the rotation that was never used, for the first run's operation. */
  readonly hasStoredSession?: boolean;
  readonly isClockBehind?: boolean;
  readonly operator?: readonly ("block" | "unblock" | "unbind")[];
  /** How many sessions the relay asks for beside one for each run. */
  readonly ownSessions: number;
  /** The only operation that those are for; any, where it is left out. */
  readonly ownOperation?: Operation;
  /** Requests run side by side at the issuer. */
  readonly isConcurrent?: boolean;
  /** A session comes back with its signature in another form. */
  readonly isMalleated?: boolean;
  /** Queries that do not hold here with all rules, because the relay has what it has. Each with the reason. */
  readonly notClaimed?: Readonly<Partial<Record<QueryName, string>>>;
}

export interface Model {
  readonly scenario: Scenario;
  readonly rules: Rules;
}

/** Which of Alice's keys are bound from the start: those with which a run signs that does not bind them. */
function boundKeys({ runs }: Scenario): readonly Key[] {
  const binding = runs.filter(({ op }) => op === "bind").map(({ key }) => key);
  return runs.flatMap(({ key }) => (key === null || binding.includes(key) ? [] : [key]));
}

export function last4Of({ sameLast4 }: Scenario, card: Card): string {
  return sameLast4.includes(card) ? "same" : `last4 of ${card}`;
}

/** As they stand on the card. */
export function digitsOf({ sameLast4: [first, ...others], isLast8Same }: Scenario, card: Card): Term {
  const asFirst = isLast8Same && others.some((other) => other === card);
  return secret(`digits of ${asFirst ? first : card}`);
}

export const codeOf = (sid: Term) => secret(`code of ${sid.key}`);
export const nonceOf = (run: number) => secret(`nonce of run ${run}`);

/** Of the time before the rotation: the issuer made it, and nobody used it. */
function storedSession(scenario: Scenario, { op, auth, card, key }: Run): Session {
  const version = 1;
  return signedSession(
    {
      sid: secret("sid of before"),
      nonce: secret("nonce of before"),
      ...{ op, auth, seq: before, iat: before, sub: "Alice", holder: "Alice", to: null },
      card: { ref: card, last4: last4Of(scenario, card), version },
      device: key,
      hpke: "hpke1",
    },
    "signing1",
  );
}

/** One for each way in which the relay may name the first run's card. */
export function initialStates({ scenario, rules }: Model): readonly State[] {
  const { runs, isCardNamedByRelay, stolen, hasStoredSession, hasTextOracle } = scenario;
  const stored = hasStoredSession && runs[0] ? [storedSession(scenario, runs[0])] : [];
  const stolenAtStart = stolen?.when === "start" ? stolen.keys : [];
  const known = learn(
    { terms: new Map(), textOracles: hasTextOracle ? boundKeys(scenario) : [], hidesSize: rules.has("constant-size") },
    [
      ...["relay", "relay-phone", "relay-new", ...stolenAtStart].map(privateKey),
      ...runs.map((_, index) => nonceOf(index)),
      ...stored.map(({ term }) => term),
      ...cards
        .filter((card) => holderOf(card) === "Mallory" || knowsDigits({ scenario, rules }))
        .map((card) => digitsOf(scenario, card)),
      ...[relaysPin, relaysSeed, guess],
    ],
  );
  const bound = boundKeys(scenario).map((key) => [key, { person: "Alice" as Person, isLive: true }]);
  const state: State = {
    runs: runs.map(({ card }) => ({ status: "asked", ref: card })),
    known,
    sessions: stored,
    answers: [],
    keptSeq: before,
    cards: recordOf((card) => ({ version: 1, pin: initialPin(card), isBlocked: false })),
    keys: { "relay-phone": { person: "Mallory", isLive: true }, ...Object.fromEntries(bound) },
    codes: [],
    marks: [],
    wrongCodes: { Alice: 0, Mallory: 0 },
    deeds: [],
    unbound: [],
    operated: [],
    isLeaked: stolen?.when === "start",
    begun: [],
  };
  if (!isCardNamedByRelay) return [state];
  const named = cards.map((ref) => state.runs.map((run, index) => (index === 0 ? { ...run, ref } : run)));
  return named.map((namedRuns) => ({ ...state, runs: namedRuns }));
}

/** A vendor's protocol tells the partner the card's number. */
function knowsDigits({ scenario, rules }: Model): boolean {
  return scenario.areDigitsKnown === true || !rules.has("native-only");
}

function recordOf<Value>(make: (card: Card) => Value): Record<Card, Value> {
  return Object.fromEntries(cards.map((card) => [card, make(card)])) as Record<Card, Value>;
}
