import { execFileSync } from "node:child_process";
import { chmod, chown, mkdtemp, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initializePostgres, type Postgres, runPostgres, startPostgres } from "../../faults/postgres.ts";
import type { Access } from "../load/requests.ts";
import { startFloor } from "../targets/targets.ts";
import { closedRate } from "./rate.ts";

/** Changes a second of so many server processes: the floor's, whose statements can be sent alone as well. */
export interface ProcessRate {
  readonly database: "PostgreSQL" | "PostgreSQL with a synchronous replica";
  readonly processes: number;
  readonly groupedPerSecond: number;
  /** A statement for each call. */
  readonly alonePerSecond: number;
}

const seconds = 4;

/** `prepare` makes cards in a database and returns whose they are. */
export async function measureProcesses(
  folder: string,
  prepare: (databaseUrl: string) => Promise<Access>,
): Promise<readonly ProcessRate[]> {
  const plain = await startPostgres(await mkdtemp(join(folder, "plain-")));
  const rates = await ratesOn("PostgreSQL", plain, prepare);
  await plain.stop();
  const { primary, standby } = await startPair(folder);
  const replicated = await ratesOn("PostgreSQL with a synchronous replica", primary, prepare);
  await primary.stop();
  await standby.stop();
  return [...rates, ...replicated];
}

async function ratesOn(
  database: ProcessRate["database"],
  { url }: Postgres,
  prepare: (databaseUrl: string) => Promise<Access>,
): Promise<ProcessRate[]> {
  const access = await prepare(url);
  const rateOf = async (workers: number, isGrouped: boolean) => {
    const floor = await startFloor(url, access, { workers, isGrouped });
    const perSecond = await closedRate(floor.port, floor.make, seconds);
    await floor.stop();
    return perSecond;
  };
  const rates: ProcessRate[] = [];
  for (const processes of [1, 2, 4]) {
    const alonePerSecond = await rateOf(processes, false);
    rates.push({ database, processes, alonePerSecond, groupedPerSecond: await rateOf(processes, true) });
  }
  return rates;
}

/** A primary whose commits wait until its standby, on the same machine, has them on disk. */
async function startPair(folder: string): Promise<{ primary: Postgres; standby: Postgres }> {
  const [first, second] = [await mkdtemp(join(folder, "primary-")), await mkdtemp(join(folder, "standby-"))];
  const binary = await initializePostgres(first);
  // A copy that was made before the first start is a base backup: both begin at the same place of the log.
  await chmod(second, 0o755); // PostgreSQL runs as somebody else
  execFileSync("cp", ["--archive", join(first, "data"), second]);
  const signal = join(second, "data", "standby.signal");
  await writeFile(signal, "");
  const { uid, gid } = await stat(join(second, "data"));
  await chown(signal, uid, gid);
  const primary = await runPostgres(first, binary, ["synchronous_standby_names=*"]);
  const standby = await runPostgres(second, binary, [
    `primary_conninfo=host=127.0.0.1 port=${primary.port} user=test application_name=standby`,
  ]);
  return { primary, standby };
}
