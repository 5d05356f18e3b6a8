import { spawnSync } from "node:child_process";
import { closedLoop, openLoop, percentile, type Requests } from "./load.ts";

/** What two cores do with everything on them: server, database and load. */
export interface Rate {
  readonly name: string;
  readonly perSecond: number;
  /** Over what `openssl speed -multi 2 rsa2048` signs. */
  readonly ratio: number;
  /** At half of that rate, in ms, by percent. */
  readonly latenciesMs: ReadonlyMap<number, number>;
}

export const percents = [50, 90, 99, 99.9] as const;
const closedSeconds = 8;
const openSeconds = 10;

/** Signatures a second of both cores. */
export function opensslRate(): number {
  const { stdout } = spawnSync("openssl", ["speed", "-multi", "2", "-seconds", "3", "rsa2048"], { encoding: "utf8" });
  const perSecond = Number(/^rsa 2048 bits +\S+ +\S+ +([\d.]+)/m.exec(stdout)?.[1]);
  if (!(perSecond > 0)) throw new Error("openssl speed printed no rate of rsa2048");
  return perSecond;
}

/** `make` seals so many requests ahead. */
export async function measureRate(
  name: string,
  port: number,
  make: (count: number) => Promise<Requests>,
): Promise<Rate> {
  const before = opensslRate();
  const trial = await closedLoop(port, await make(6000), { seconds: closedSeconds });
  const expected = trial.answered / trial.seconds;
  const full = await closedLoop(port, await make(Math.ceil(2 * closedSeconds * expected)), { seconds: closedSeconds });
  const perSecond = full.answered / full.seconds;
  const { latenciesMs } = await openLoop(port, await make(Math.ceil((openSeconds * perSecond) / 2)), perSecond / 2);
  return {
    name,
    perSecond,
    ratio: perSecond / ((before + opensslRate()) / 2),
    latenciesMs: new Map(percents.map((percent) => [percent, percentile(latenciesMs, percent)])),
  };
}
