import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkHistory } from "../faults/check-history.ts";
import type { Answered, Asked, Attempt, Finding, HeldCard, Holdings } from "../faults/history.ts";

const card = "card";
const user = "user";
type Says = Answered["says"];

/** An attempt from one time to another; `answer`: what was said, for a reveal the digits. */
function attempt(message: string, [from, to]: readonly [number, number], asked: Asked, answer: Says | string): Attempt {
  const subject = asked.to === "transfer" ? user : card;
  return { subject, message, asked, startedAtMs: from, endedAtMs: to, answered: answeredBy(answer) };
}

function answeredBy(answer: Says | string): Answered {
  if (/^\d+$/.test(answer)) return { says: "revealed", digits: answer };
  if (answer === "refused" || answer === "unknown") return { says: answer, why: "as told" };
  return { says: answer as "changed" };
}

const change = (message: string, when: readonly [number, number], digits: string, answer: Says = "changed") =>
  attempt(message, when, { to: "change", digits }, answer);
const verify = (message: string, when: readonly [number, number], digits: string, answer: Says) =>
  attempt(message, when, { to: "verify", digits }, answer);
const reveal = (message: string, when: readonly [number, number], answer: string) =>
  attempt(message, when, { to: "reveal" }, answer);
const transfer = (message: string, when: readonly [number, number], answer: Says, isRight = true) =>
  attempt(message, when, { to: "transfer", isRight }, answer);

const event = (did: HeldCard["events"][number]["did"], version: number) => ({ did, version });

/** A life in which all is well: a change, tries, a change whose answer was lost and that was sent again. */
const history: readonly Attempt[] = [
  change("c1", [0, 10], "1928"),
  verify("v1", [11, 20], "1928", "match"),
  verify("v2", [21, 30], "0000", "mismatch"),
  reveal("r1", [31, 40], "1928"),
  change("c2", [41, 50], "3746", "unknown"),
  change("c2", [51, 60], "3746", "replayed"),
  reveal("r2", [61, 70], "3746"),
  transfer("t1", [0, 10], "transferred"),
];
const held: HeldCard = {
  digits: "3746",
  version: 2,
  isBlocked: false,
  failedTries: 0,
  events: [
    event("change", 1),
    event("match", 1),
    event("mismatch", 1),
    event("reveal", 1),
    event("change", 2),
    event("reveal", 2),
  ],
};
const holding = (more: Partial<HeldCard> = {}, received: readonly string[] = ["t1"]): Holdings => ({
  cards: new Map([[card, { ...held, ...more }]]),
  transfers: new Map([[user, received]]),
});
const whatOf = (findings: readonly Finding[]) => findings.map(({ what }) => what);
const check = (attempts: readonly Attempt[], holdings = holding()) => checkHistory(attempts, holdings);
const without = (...messages: string[]) => history.filter(({ message }) => !messages.includes(message));

describe("the checker of histories finds nothing", () => {
  it("where all is well", () => {
    assert.deepEqual(check(history), []);
  });

  it("in what was never answered, whether it is there or not", () => {
    const open = [...history, change("c3", [71, 80], "5938", "unknown")];
    assert.deepEqual(check(open), []);
    const events = [...held.events, event("change", 3)];
    assert.deepEqual(check(open, holding({ digits: "5938", version: 3, events })), []);
  });

  it("in a change that a reveal overtakes", () => {
    const overtaken = [...history, change("c3", [71, 80], "5938"), reveal("r3", [72, 79], "3746")];
    const events = [...held.events, event("change", 3), event("reveal", 2)];
    assert.deepEqual(check(overtaken, holding({ digits: "5938", version: 3, events })), []);
  });

  it("in a fourth mismatch after a change between", () => {
    const tried = [
      ...history,
      verify("w1", [71, 72], "0000", "mismatch"),
      verify("w2", [73, 74], "0000", "mismatch"),
      change("c3", [75, 76], "5938"),
      verify("w3", [77, 78], "0000", "mismatch"),
      verify("w4", [79, 80], "0000", "mismatch"),
    ];
    const wrong = (version: number) => [event("mismatch", version), event("mismatch", version)];
    const events = [...held.events, ...wrong(2), event("change", 3), ...wrong(3)];
    assert.deepEqual(check(tried, holding({ digits: "5938", version: 3, failedTries: 2, events })), []);
  });

  it("in a blocked PIN, nor in a reveal that is refused for it", () => {
    const tries = [71, 73, 75].map((at, index) => verify(`w${index}`, [at, at + 1], "0000", "mismatch"));
    const blocked = [verify("w4", [77, 78], "3746", "blocked"), reveal("r4", [79, 80], "blocked")];
    const events = [...held.events, ...tries.map(() => event("mismatch", 2)), event("blocked", 2)];
    assert.deepEqual(
      check([...history, ...tries, ...blocked], holding({ isBlocked: true, failedTries: 3, events })),
      [],
    );
  });
});

describe("the checker of histories names", () => {
  const cases: Record<string, [what: Finding["what"], attempts: readonly Attempt[], holdings?: Holdings]> = {
    "a lost change, by its version": [
      "lost",
      history,
      holding({ version: 1, digits: "1928", failedTries: 1, events: held.events.slice(0, 4) }),
    ],
    "a lost change, by the PIN that is held": [
      "lost",
      without("r2"),
      {
        ...holding({ digits: "1928", events: held.events.slice(0, 5) }),
      },
    ],
    "a lost try": ["lost", history, holding({ events: held.events.filter(({ did }) => did !== "mismatch") })],
    "a reveal without an event": ["lost", history, holding({ events: held.events.slice(0, 5) })],
    "a lost transfer": ["lost", history, holding({}, [])],
    "a change that was applied twice": [
      "applied twice",
      history,
      holding({ version: 3, events: [...held.events, event("change", 3)] }),
    ],
    "a message that was acknowledged twice": ["applied twice", [...history, change("c1", [71, 80], "1928")]],
    "a try that was counted twice": [
      "applied twice",
      history,
      holding({ failedTries: 1, events: [...held.events, event("mismatch", 2)] }),
    ],
    "a transfer that ran twice": ["applied twice", history, holding({}, ["t1", "t1"])],
    "one try too many": [
      "try too many",
      [...history, ...[1, 2, 3, 4].map((n) => verify(`w${n}`, [70 + 2 * n, 71 + 2 * n], "0000", "mismatch"))],
      holding({
        isBlocked: true,
        failedTries: 3,
        events: [...held.events, ...[1, 2, 3, 4].map(() => event("mismatch", 2))],
      }),
    ],
    "a reveal of a former PIN": [
      "false answer",
      history.map((one) => (one.message === "r2" ? reveal("r2", [61, 70], "1928") : one)),
    ],
    "a reveal of a PIN that nobody set": [
      "false answer",
      history.map((one) => (one.message === "r1" ? reveal("r1", [31, 40], "4711") : one)),
    ],
    "a match of a wrong PIN": [
      "false answer",
      history.map((one) => (one.message === "v1" ? verify("v1", [11, 20], "4711", "match") : one)),
    ],
    "a PIN called blocked that is not": ["false answer", [...history, reveal("r3", [71, 80], "blocked")]],
    "a refusal of what nothing is wrong with": [
      "false answer",
      [...history, change("c3", [71, 80], "5938", "refused")],
    ],
    "a replay that is none": ["false answer", [...history, change("c3", [71, 80], "5938", "replayed")]],
    "a transfer by a wrong signing method": [
      "false answer",
      [...history, transfer("t2", [71, 80], "incorrect", false)],
      holding({}, ["t1", "t2"]),
    ],
    "a right signing method that is called wrong": [
      "false answer",
      [...history, transfer("t2", [71, 80], "incorrect")],
    ],
    "a chain that skips a version": [
      "audit differs",
      history,
      holding({ events: held.events.map((one, index) => (index === 4 ? event("change", 3) : one)) }),
    ],
    "a row that the chain does not lead to": ["audit differs", history, holding({ failedTries: 2 })],
  };
  for (const [name, [what, attempts, holdings]] of Object.entries(cases))
    it(name, () => {
      assert.deepEqual(new Set(whatOf(check(attempts, holdings))), new Set([what]));
    });
});
