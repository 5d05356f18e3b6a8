import { spawnSync } from "node:child_process";
import { closedLoop, openLoop, percentile, type Requests } from "../load/load.ts";

/** What two cores do with everything on them: server, database and load. */
export interface Rate {
  readonly target: string;
  readonly changesPerSecond: number;
  /** Over what `openssl speed -multi 2 rsa2048` signs. */
  readonly overOpenssl: number;
  /** In ms from when a request was due, at half of `changesPerSecond`. */
  readonly atHalfRate: Latencies;
  /** The same at `fixedPerSecond`. */
  readonly at100PerSecond: Latencies;
}

/** Beside the plain handler of the same run; null where it was not measured. */
export interface ComparedRate extends Rate {
  readonly overPlainHandler: number | null;
}

interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly "p99.9": number;
}

export const fixedPerSecond = 100;
const trialSeconds = 3;
const closedSeconds = 6;
const openSeconds = 6;
/** Long enough that a percentile is not that of a few requests: 20 of 2,000 are slower than p99. */
const fixedSeconds = 20;

/** Signatures a second of both cores. */
export function opensslRate(): number {
  const { stdout } = spawnSync("openssl", ["speed", "-multi", "2", "-seconds", "2", "rsa2048"], { encoding: "utf8" });
  const perSecond = Number(/^rsa 2048 bits +\S+ +\S+ +([\d.]+)/m.exec(stdout)?.[1]);
  if (!(perSecond > 0)) throw new Error("openssl speed printed no rate of rsa2048");
  return perSecond;
}

/** `make` seals so many requests ahead. */
export async function measureRate(
  target: string,
  port: number,
  make: (count: number) => Promise<Requests>,
): Promise<Rate> {
  const before = opensslRate();
  const changesPerSecond = await closedRate(port, make, closedSeconds);
  const overOpenssl = changesPerSecond / ((before + opensslRate()) / 2);
  const latenciesAt = async (perSecond: number, seconds: number) =>
    latenciesOf((await openLoop(port, await make(Math.ceil(seconds * perSecond)), perSecond)).latenciesMs);
  const atHalfRate = await latenciesAt(changesPerSecond / 2, openSeconds);
  const at100PerSecond = await latenciesAt(fixedPerSecond, fixedSeconds);
  return { target, changesPerSecond, overOpenssl, atHalfRate, at100PerSecond };
}

/** Answers a second to 32 connections, once a trial has shown how many requests that takes. */
export async function closedRate(
  port: number,
  make: (count: number) => Promise<Requests>,
  seconds: number,
): Promise<number> {
  const trial = await closedLoop(port, await make(3000), { seconds: trialSeconds });
  const expected = trial.answered / trial.seconds;
  const full = await closedLoop(port, await make(Math.ceil(1.5 * seconds * expected)), { seconds });
  return full.answered / full.seconds;
}

function latenciesOf(sortedMs: readonly number[]): Latencies {
  return { p50: percentile(sortedMs, 50), p99: percentile(sortedMs, 99), "p99.9": percentile(sortedMs, 99.9) };
}
