import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asUser, findBinaries, run } from "@linchpin/test-fixtures/databases/postgres-cluster";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { Client } from "pg";

/** A PostgreSQL with fsync that is started again when it ends, as a supervisor of services does. */
export interface Postgres {
  readonly url: string;
  readonly port: number;
  /** Of the process that all others of it are below. */
  readonly pid: () => number;
  /** How often it had to be started again. */
  readonly restarts: () => number;
  /** `kill -9` of all its processes. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const restartAfterMs = 1_000;

/** In `folder`, which exists; `flags` as in `name=value`. */
export async function startPostgres(folder: string, flags: readonly string[] = []): Promise<Postgres> {
  return runPostgres(folder, await initializePostgres(folder), flags);
}

/** Makes the data folder of `startPostgres` and starts nothing. Returns the path of the server's binary. */
export async function initializePostgres(folder: string): Promise<string> {
  const { initdb, postgres } = await findBinaries(folder);
  const data = await makeDataFolder(folder, "data");
  await run(initdb, ["--pgdata", data, "--username=test", "--encoding=UTF8", "--locale=C", "--auth=trust"]);
  return postgres;
}

/** A standby that follows a primary which `startPostgres` has started in the same folder. */
export async function startStandby(folder: string, primary: Postgres): Promise<Postgres> {
  const { postgres } = await findBinaries(folder);
  const data = await makeDataFolder(folder, "standby");
  const client = new Client(primary.url);
  await client.connect();
  try {
    // As pg_basebackup does, which npm does not bring.
    await client.query("select pg_backup_start('standby', fast => true)");
    await cp(join(folder, "data"), data, { recursive: true, filter: (path) => !path.endsWith("postmaster.pid") });
    const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
    await writeFile(join(data, "backup_label"), rows[0]?.labelfile ?? "");
  } finally {
    await client.end();
  }
  await writeFile(join(data, "standby.signal"), "");
  if (asUser.uid !== undefined)
    for (const path of await readdir(data, { recursive: true }))
      await chown(join(data, path), asUser.uid, asUser.gid ?? 0);
  return runOn(data, postgres, [`primary_conninfo=host=127.0.0.1 port=${primary.port} user=test`]);
}

async function makeDataFolder(folder: string, name: string): Promise<string> {
  const data = join(folder, name);
  await mkdir(data, { mode: 0o700 });
  if (asUser.uid !== undefined) for (const owned of [folder, data]) await chown(owned, asUser.uid, asUser.gid ?? 0);
  return data;
}

/** Starts the server on a data folder that is there. */
export function runPostgres(folder: string, postgres: string, flags: readonly string[]): Promise<Postgres> {
  return runOn(join(folder, "data"), postgres, flags);
}

async function runOn(data: string, postgres: string, flags: readonly string[]): Promise<Postgres> {
  const port = await freePort();
  const all = ["listen_addresses=127.0.0.1", "unix_socket_directories=", ...flags];
  const parameters = ["-D", data, "-p", `${port}`, ...all.flatMap((flag) => ["-c", flag])];
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  return supervise(() => spawn(postgres, parameters, { ...asUser, stdio: "ignore" }), { url, port });
}

async function supervise(start: () => ChildProcess, at: { url: string; port: number }): Promise<Postgres> {
  let isStopping = false;
  let restarts = 0;
  let child = start();
  const killNow = () => child.kill("SIGQUIT");
  process.once("exit", killNow);
  const ended = (async () => {
    for (;;) {
      await once(child, "exit");
      if (isStopping) return;
      await sleep(restartAfterMs);
      if (isStopping) return;
      restarts++;
      child = start();
    }
  })();
  await untilAnswering(at.url);
  return {
    ...at,
    pid: () => child.pid ?? 0,
    restarts: () => restarts,
    kill: () => killTree(child.pid),
    stop: async () => {
      isStopping = true;
      process.off("exit", killNow);
      child.kill("SIGINT");
      await ended;
    },
  };
}

/** `kill -9` of a process and its children: backends of PostgreSQL lead groups of their own. */
export async function killTree(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  // The postmaster first, so that it starts none anew.
  for (const one of [pid, ...children.split(" ").filter(Boolean).map(Number)])
    try {
      process.kill(one, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
}

export async function untilAnswering(url: string, withinMs = 60_000): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    try {
      return await ask(url);
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await sleep(100);
    }
  }
}

/** One that takes connections and says nothing is not answering. */
async function ask(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("select 1");
  } finally {
    await client.end();
  }
}
