import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runLinchpin } from "../tests/issuer-process.ts";
import { checkHistory, checkSentAgain } from "./check-history.ts";
import type { Attempt, Finding } from "./history.ts";
import { type Load, startLoad } from "./load.ts";
import { readHoldings } from "./read-holdings.ts";
import type { Ground, Scenario } from "./scenario.ts";
import { type Servers, startServers } from "./servers.ts";
import { startUpstream } from "./upstream.ts";

export interface Outcome {
  /** Each request; `refused` said that nothing was done, `unknown` left it open. */
  readonly requests: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** The longest time in which no client received a definite answer. */
  readonly withoutServiceMs: number;
  /** What was seen of the fault. */
  readonly seen: string;
  readonly findings: readonly Finding[];
}

const calmMs = 4_000;
const backWithinMs = 60_000;

/** @throws what keeps the scenario from being played, a fault that did not bite among it */
export async function runScenario(scenario: Scenario): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-faults-"));
  // PostgreSQL runs as somebody else, in a folder below.
  await chmod(folder, 0o711);
  const stops: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
  const atEnd = (stop: () => unknown) => stops.push(stop);
  try {
    const upstream = await startUpstream();
    atEnd(() => upstream.stop());
    const ground = await scenario.prepare(folder, atEnd);
    const common = { LINCHPIN_DATA: folder, LINCHPIN_VENLY_UPSTREAM_URL: upstream.url };
    const environmentOf = (index: number) => ({ ...common, ...ground.environmentOf(index) });
    const logFile = join(folder, "servers.log");
    const servers = await startServers(environmentOf, logFile);
    atEnd(() => servers.stop());
    const outcome = await playUnderLoad(ground, servers, upstream.received);
    if (outcome.findings.length > 0) await copyFile(logFile, `${tmpdir()}/linchpin-faults.log`);
    return outcome;
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function playUnderLoad(
  ground: Ground,
  servers: Servers,
  received: ReadonlyMap<string, readonly string[]>,
): Promise<Outcome> {
  const load = await startLoad(servers.origins);
  try {
    return await disturbAndHold(load, ground, servers, received);
  } finally {
    // Servers under load finish late.
    await load.stop();
  }
}

async function disturbAndHold(
  load: Load,
  ground: Ground,
  servers: Servers,
  received: ReadonlyMap<string, readonly string[]>,
): Promise<Outcome> {
  const startedAtMs = performance.now();
  await sleep(calmMs);
  const seen = await ground.disturb(servers);
  const isBack = (await servers.becomeReady(backWithinMs)) && (await isServing(load));
  await sleep(calmMs);
  const endedAtMs = performance.now();
  await load.stop();
  const underLoad = [...load.history];
  const common = { ...countsOf(underLoad), withoutServiceMs: longestGap(underLoad, startedAtMs, endedAtMs), seen };
  // Without servers nothing can be asked again.
  if (!isBack) return { ...common, findings: [noService] };
  const [origin = ""] = servers.origins;
  const holdings = await readHoldings(load, { databaseUrl: ground.databaseUrl, origin, received });
  const found = checkHistory(underLoad, holdings);
  await load.sendAllAgain();
  return { ...common, findings: [...found, ...checkSentAgain(load.history), ...(await checkChain(origin))] };
}

const noService: Finding = {
  what: "no service",
  subject: "servers",
  detail: `not back within ${backWithinMs / 1000} s of the end of the fault`,
};

/** Every kind of sender is served again, not just one. */
async function isServing({ history, cards }: Load): Promise<boolean> {
  const from = performance.now();
  const giveUpAt = from + backWithinMs;
  while (performance.now() < giveUpAt) {
    const since = history.filter(({ startedAtMs, answered }) => startedAtMs > from && isDefinite(answered));
    if (new Set(since.map(({ asked }) => asked.to)).size === kinds && since.length > cards.length * kinds) return true;
    await sleep(100);
  }
  return false;
}

const kinds = 4;

async function checkChain(origin: string): Promise<Finding[]> {
  const { exitCode, output } = await runLinchpin({ LINCHPIN_URL: origin }, "audit", "verify");
  return exitCode === 0 ? [] : [{ what: "audit differs", subject: "chain", detail: output.trim() }];
}

function countsOf(history: readonly Attempt[]) {
  const count = (isOne: (attempt: Attempt) => boolean) => history.filter(isOne).length;
  const refused = count(({ answered: { says } }) => says === "refused" || says === "replayed");
  const unknown = count(({ answered }) => !isDefinite(answered));
  return { requests: history.length, acknowledged: history.length - refused - unknown, refused, unknown };
}

function isDefinite({ says }: Attempt["answered"]): boolean {
  return says !== "unknown";
}

function longestGap(history: readonly Attempt[], fromMs: number, toMs: number): number {
  const served = history.filter(({ answered }) => isDefinite(answered)).map(({ endedAtMs }) => endedAtMs);
  const times = [fromMs, ...served.filter((time) => time > fromMs && time < toMs).toSorted((a, b) => a - b), toMs];
  return Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));
}
