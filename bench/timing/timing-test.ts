import { randomBytes } from "node:crypto";
import { medianOf } from "../measurements/median.ts";

/** Two kinds of input to one operation, which must not be distinguishable by the time it takes. */
export interface TimingCase {
  readonly name: string;
  readonly classes: readonly [string, string];
  /** How many measurements of each class, where none are asked for. */
  readonly samples: number;
  /** Why it does not matter whether they can be distinguished; undefined: they must not be. */
  readonly harmless?: string;
  prepare(): Promise<TimedOperation>;
}

export interface TimedOperation {
  /** Puts input number `index` of a class where `run` finds it: in one place for both, before the clock starts. */
  load(which: 0 | 1, index: number): void;
  run(): unknown;
  /** What is to end, or to be put back, before the next measurement; the clock does not count it. */
  settle?(): Promise<void>;
  stop?(): Promise<void>;
}

export interface Verdict {
  readonly samples: number;
  readonly mediansMicroseconds: readonly [number, number];
  /** Welch's t, of the largest absolute value over the crops. */
  readonly t: number;
  /** The share of the fastest measurements that it was found in. */
  readonly crop: number;
}

/** For whether a ciphertext opens. */
export const knownToItsMaker = "who made what opens knows what is in it, and nobody makes it by chance";

/** dudect's (Reparaz, Balasch, Verbauwhede 2017): above 4.5 something shows. */
export const suspicious = 4.5;

/** The slowest measurements are a collector's or another process': t is also taken without them, as dudect does it. */
const crops = [1, 0.99, 0.95, 0.9, 0.75, 0.5];
const warmUps = 2000;

/** Measures both classes in a random order, so that whatever else the machine does meets both. */
export async function testTiming(operation: TimedOperation, samples: number): Promise<Verdict> {
  await measure(operation, Math.min(warmUps, samples));
  const times = await measure(operation, samples);
  const sorted = Float64Array.from([...times[0], ...times[1]]).sort();
  const verdicts = crops.map((crop) => {
    const limit = crop === 1 ? Number.POSITIVE_INFINITY : (sorted[Math.floor(crop * sorted.length)] as number);
    return { crop, t: welch(...(times.map((list) => list.filter((time) => time < limit)) as [number[], number[]])) };
  });
  const { crop, t } = verdicts.reduce((worst, one) => (Math.abs(one.t) > Math.abs(worst.t) ? one : worst));
  return { samples, crop, t, mediansMicroseconds: [1000 * medianOf(times[0]), 1000 * medianOf(times[1])] };
}

async function measure(operation: TimedOperation, samples: number): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  const order = randomBytes(2 * samples);
  for (const [index, draw] of order.entries()) {
    const which = (draw & 1) as 0 | 1;
    operation.load(which, index);
    const start = performance.now();
    await operation.run();
    times[which].push(performance.now() - start);
    await operation.settle?.();
  }
  return times;
}

/** Welch's t of two samples of unequal variance. */
function welch(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [momentsOf(left), momentsOf(right)];
  const error = Math.sqrt(a.variance / left.length + b.variance / right.length);
  return error === 0 ? 0 : (a.mean - b.mean) / error;
}

function momentsOf(list: readonly number[]): { mean: number; variance: number } {
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const squares = list.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (list.length - 1) };
}
