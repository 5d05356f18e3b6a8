import { spawn } from "node:child_process";
import { Console } from "node:console";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runCommand } from "linchpin/run-command";

const main = fileURLToPath(import.meta.resolve("linchpin/run-command").replace("run-command", "main"));

type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command to its end as a shell would: on no terminal, with the settings that are given and no others. It runs
 * in this process, by the function that `main.ts` calls.
 */
export async function linchpin(
  args: readonly string[],
  {
    environment = {},
    input = "",
    signals = new EventEmitter(),
  }: { environment?: Environment; input?: string; signals?: EventEmitter } = {},
): Promise<Ended> {
  const [stdout, stderr] = [standardStream(), standardStream()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const { exitCode } = await runCommand(args, {
    environment: { ...withoutSettings(process.env), ...environment },
    stdin: Readable.from(input === "" ? [] : [Buffer.from(input)], { objectMode: false }),
    stdout,
    stderr,
    console: new Console({ stdout, stderr }),
    signals,
    interrupt: () => {},
  });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code: exitCode, stdout: out, stderr: err };
}

/** Like a process's own, it is not ended by what is piped into it. */
function standardStream(): PassThrough {
  return Object.assign(new PassThrough(), { _isStdio: true });
}

/** The same as a process of its own, where the process is what is tested. */
export async function linchpinProcess(
  args: readonly string[],
  { environment = {}, input = "" }: { environment?: Environment; input?: string } = {},
): Promise<Ended> {
  const child = spawnLinchpin(args, environment);
  child.stdin.on("error", () => {}).end(input);
  const ended = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { code, stdout, stderr };
}

function spawnLinchpin(args: readonly string[], environment: Environment) {
  return spawn(process.execPath, ["--conditions=linchpin-source", main, ...args], {
    env: { ...withoutSettings(process.env), ...environment },
  });
}
export interface Issuer {
  readonly url: string;
  readonly dataFolder: string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  stop(): Promise<void>;
}

/** `linchpin serve` as a sandbox, on a port and a folder of its own. */
export async function startIssuer(environment: Environment = {}): Promise<Issuer> {
  const dataFolder = environment["LINCHPIN_DATA"] ?? (await mkdtemp(join(tmpdir(), "linchpin-cli-")));
  const child = spawnLinchpin(["serve"], sandboxSettings(dataFolder, environment));
  const stderr = text(child.stderr);
  const ended = once(child, "close").then(async ([code]) => ({ code: code as number | null, stderr: await stderr }));
  const url = await Promise.race([
    readyUrl(child.stdout),
    ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ]);
  return {
    url,
    dataFolder,
    kill: (signal) => void child.kill(signal),
    ended,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

export function sandboxSettings(dataFolder: string, environment: Environment = {}): Environment {
  return { LINCHPIN_MODE: "sandbox", LINCHPIN_PORT: "0", LINCHPIN_DATA: dataFolder, ...environment };
}

/** As the line says it that names the address. */
async function readyUrl(stdout: Readable): Promise<string> {
  for await (const line of createInterface(stdout)) {
    const url = /open (http:\S+) in/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return new Promise(() => {});
}

function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("LINCHPIN_")));
}
