import type { Cost } from "./cost.ts";
import type { Size } from "./growth.ts";
import { medianOf } from "./median.ts";
import type { ProcessRate } from "./processes.ts";
import type { ComparedRate } from "./rate.ts";
import type { ReleaseSize, TestingStart } from "./release.ts";
import type { Start } from "./start.ts";

/** What one run measured. A part that was not chosen is empty. */
export interface Measured {
  readonly cost: readonly Cost[];
  readonly rate: readonly ComparedRate[];
  readonly processes: readonly ProcessRate[];
  readonly start: readonly Start[];
  readonly testing: readonly TestingStart[];
  readonly packages: readonly ReleaseSize[];
  readonly growth: readonly Size[];
}

export type Part = keyof Measured;

/** The names of the targets, as tables and JSON have them. */
export const targets = {
  ours: "Linchpin, PostgreSQL",
  embedded: "Linchpin, embedded store",
  softHsm: "Linchpin, PostgreSQL, SoftHSM2",
  floor: "floor",
  plain: "Fastify, jose, pg",
  mockSolaris: "kontist/mock-solaris",
} as const;

/** What a figure of a run should be. Ratios are those of one run. */
export interface Goal {
  readonly part: Part;
  readonly name: string;
  readonly measured: number;
  readonly bound: "at most" | "at least";
  readonly goal: number;
  readonly stretch: number | null;
  readonly isMet: boolean;
}

/** Changes over `openssl speed`'s signatures before requests shared statements, in docs/bench.md of that time. */
const embeddedBefore = 0.07;

/** Those of the native protocol are told beside a Solaris change. */
const costGoals: Readonly<Partial<Record<Cost["protocol"], readonly [goal: number, stretch: number]>>> = {
  solaris: [2.5, 1.4],
  adyen: [2.5, 1.4],
  venly: [2.8, 1.6],
  plumery: [4, 2],
};

/**
 * What our operations cost together over a Solaris change of the same round: the median of all rounds. Null: not all were
 * measured.
 */
function overSolarisByRound(cost: readonly Cost[], protocols: readonly Cost["protocol"][]): number | null {
  const ours = cost.filter(({ target }) => target === targets.ours);
  const solaris = ours.find(({ protocol }) => protocol === "solaris");
  const together = ours.filter(({ protocol }) => protocols.includes(protocol));
  if (solaris === undefined || together.length < protocols.length) return null;
  const microsecondsOf = (round: number) =>
    together.reduce((sum, { serverMicrosecondsByRound }) => sum + (serverMicrosecondsByRound[round] ?? Number.NaN), 0);
  return medianOf(solaris.serverMicrosecondsByRound.map((one, round) => microsecondsOf(round) / one));
}

/** The goals of which this run has measured both sides. */
export function goalsOf({ cost, rate, processes, start, testing, growth }: Measured): Goal[] {
  const [solaris, floor, plain] = [targets.ours, targets.floor, targets.plain].map((target) =>
    cost.find((one) => one.target === target && one.protocol === "solaris"),
  );
  const overSolaris = (...protocols: Cost["protocol"][]) => overSolarisByRound(cost, protocols);
  const rateOf = (target: string) => rate.find((one) => one.target === target);
  const [ours, plainRate] = [rateOf(targets.ours), rateOf(targets.plain)];
  const [first, ...larger] = growth;
  const [empty, again] = start;
  const [firstIssuer, secondIssuer] = testing;
  return [
    atMost("cost", "Solaris change: server CPU over the floor's", over(solaris?.ratio, floor?.ratio), 1.25, 1.1),
    ...cost.flatMap(({ target, operation, protocol, ratio }) => {
      const goal = target === targets.ours ? costGoals[protocol] : undefined;
      return goal ? [atMost("cost", `${operation}: server CPU over its cryptography`, ratio, ...goal)] : [];
    }),
    atMost(
      "cost",
      "Native session and change: server CPU over a Solaris change's",
      overSolaris("nativeSession", "nativeChange"),
      1,
    ),
    atMost("cost", "Native change: server CPU over a Solaris change's", overSolaris("nativeChange"), 0.8),
    atMost(
      "cost",
      "Solaris change: PostgreSQL CPU over the plain handler's",
      over(solaris?.postgresMicroseconds, plain?.postgresMicroseconds),
      0.5,
    ),
    atLeast(
      "rate",
      "changes a second over the plain handler's",
      over(ours?.changesPerSecond, plainRate?.changesPerSecond),
      1.4,
      2,
    ),
    atLeast(
      "rate",
      "changes a second over mock-solaris'",
      over(ours?.changesPerSecond, rateOf(targets.mockSolaris)?.changesPerSecond),
      1.3,
    ),
    atLeast(
      "rate",
      `embedded store: changes over RSA signatures, over ${embeddedBefore} before`,
      over(rateOf(targets.embedded)?.overOpenssl, embeddedBefore),
      2,
    ),
    atMost(
      "rate",
      "p99 at 100 changes a second over the plain handler's",
      over(ours?.at100PerSecond.p99, plainRate?.at100PerSecond.p99),
      1.3,
    ),
    ...processes.map(({ database, processes: count, groupedPerSecond, alonePerSecond }) =>
      atLeast("processes", `${database}, ${count}: grouped over alone`, over(groupedPerSecond, alonePerSecond), 1),
    ),
    atMost("start", "seconds until ready on an empty folder", over(empty?.readyMs, 1000), 4),
    atMost("start", "seconds until ready on the same folder again", over(again?.readyMs, 1000), 2),
    atMost("start", "MB of the process that serves", over(empty?.memoryBytes, 2 ** 20), 400),
    atMost("testing", "seconds of the first start in a process", over(firstIssuer?.readyMs, 1000), 3),
    atMost("testing", "seconds of the second start in the same process", over(secondIssuer?.readyMs, 1000), 0.5),
    ...larger.flatMap(({ cards, costRatio, p99Ms }) => [
      atMost(
        "growth",
        `cost at ${cards.toLocaleString("en")} cards over the first`,
        over(costRatio, first?.costRatio),
        1.2,
      ),
      atMost("growth", `p99 at ${cards.toLocaleString("en")} cards over the first`, over(p99Ms, first?.p99Ms), 1.2),
    ]),
  ].filter((goal) => goal !== null);
}

function over(one: number | null | undefined, other: number | null | undefined): number | null {
  return typeof one === "number" && typeof other === "number" ? one / other : null;
}

/** Null where nothing was measured. */
type MakeGoal = (part: Part, name: string, measured: number | null, goal: number, stretch?: number) => Goal | null;

const atMost: MakeGoal = (part, name, measured, goal, stretch) =>
  measured === null
    ? null
    : { part, name, measured, bound: "at most", goal, stretch: stretch ?? null, isMet: measured <= goal };

const atLeast: MakeGoal = (part, name, measured, goal, stretch) =>
  measured === null
    ? null
    : { part, name, measured, bound: "at least", goal, stretch: stretch ?? null, isMet: measured >= goal };
