import { fillCards } from "../load/fill-cards.ts";
import { closedLoop, openLoop, percentile } from "../load/load.ts";
import { type Access, solarisChanges } from "../load/requests.ts";
import { type Running, startLogging } from "../targets/issuer.ts";
import { measureSolarisChange } from "./cost.ts";
import { residentBytesOf } from "./cpu-time.ts";
import { targets } from "./goals.ts";

/** An issuer with so many cards, each with a replay mark. */
export interface Size {
  readonly cards: number;
  /** Of a PIN change: server CPU over that of its cryptography. */
  readonly costRatio: number;
  /** In ms, at `latencyPerSecond`. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of each worker. */
  readonly memoryBytes: number;
  readonly startMs: number;
  /** From SIGTERM under load until the last process has ended. */
  readonly drainMs: number;
  /** From the size before to this one. */
  readonly fillMs: number;
}

export const latencyPerSecond = 100;

/** Fills the database up to each size and measures there, with a fresh server each. The cards are from all over. */
export async function measureGrowth(
  sizes: readonly number[],
  {
    folder,
    settings,
    access,
    filled,
  }: { folder: string; settings: Record<string, string>; access: Access; filled: number },
  tell: (size: Size) => void,
): Promise<Size[]> {
  const measured: Size[] = [];
  let cards = filled;
  for (const size of sizes) {
    const startedAt = performance.now();
    await fillCards(settings["LINCHPIN_DATABASE_URL"] ?? "", access.filled, cards + 1, size);
    const fillMs = performance.now() - startedAt;
    cards = size;
    const issuer = await startLogging(folder, settings, ["--workers", "2"]);
    const one = { ...(await measureSize(size, issuer, { ...access, url: issuer.url })), fillMs };
    tell(one);
    measured.push(one);
  }
  return measured;
}

async function measureSize(cards: number, issuer: Running, access: Access): Promise<Omit<Size, "fillMs">> {
  const { pid, port } = issuer;
  const make = (count: number) => solarisChanges(access, count, cards);
  const { ratio: costRatio } = await measureSolarisChange(targets.ours, { pid, port, make, postgresPid: null });
  const { latenciesMs } = await openLoop(port, await make(8 * latencyPerSecond), latencyPerSecond);
  const memoryBytes = Math.max(...residentBytesOf(pid).slice(1));
  const underLoad = closedLoop(port, await make(2000)).catch(() => {}); // cut off, as it is meant to be
  const drainMs = await issuer.stop();
  await underLoad;
  return {
    cards,
    costRatio,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
    memoryBytes,
    startMs: issuer.startedInMs,
    drainMs,
  };
}
