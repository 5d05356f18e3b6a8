import cluster from "node:cluster";
import type { Server, Settings } from "@linchpin/server";
import { type Command, InvalidArgumentError } from "commander";
import type { Logger } from "pino";
import { Ended } from "../failure.ts";
import type { Environment, Invocation } from "../invocation.ts";

/** The issuer is loaded only where `serve` is named: its protocols bring their settings, which the help lists. */
export async function addServe(program: Command, args: readonly string[], invocation: Invocation): Promise<void> {
  const help = args.includes("serve") ? await variablesHelp(invocation.environment) : "";
  program
    .command("serve")
    .description("run an issuer until it is told to stop")
    .option(
      "--workers <n>",
      "as n processes on one PostgreSQL; SIGUSR2 starts them anew, one after the other",
      readCount,
    )
    .addHelpText("after", () => `\nSettings are environment variables:\n${help}\n${examples}`)
    .action((options) => runServe(options, invocation));
}

const examples = `
Examples:
  LINCHPIN_MODE=sandbox linchpin serve    an issuer to try things on; all that it needs it makes
  LINCHPIN_DATABASE_URL=postgres://issuer@db/issuer LINCHPIN_MASTER_KEY_FILE=/run/secrets/master.key \\
    LINCHPIN_MESSAGES_URL=https://messages.example LINCHPIN_OUTBOX_SECRET=… linchpin serve --workers 4`;

async function runServe({ workers }: { workers?: number }, invocation: Invocation): Promise<void> {
  const { console, signals } = invocation;
  const { readSettings } = await import("@linchpin/server");
  const settings = readSettings(invocation.environment);
  const { makeLogger } = await import("../logger.ts");
  const log = makeLogger(settings, invocation);
  if (cluster.isWorker) return (await import("@linchpin/server")).serveAsWorker(() => startServer(settings, log));
  const stopWaiting = tellWhenSlow(settings, invocation);
  // From the start on: the first process of a container is not ended by a signal that it does not listen to.
  const stop = listenForStop(signals);
  const starting = workers === undefined ? serveAlone(settings, log) : serveByWorkers(workers, settings, log, signals);
  const server = await Promise.race([starting, stop.asked.then(endAtOnce)]).finally(stopWaiting);
  if (settings.mode === "sandbox") console.log(whereToLook(server.url));
  await stop.asked;
  if (settings.mode === "sandbox") console.error("Linchpin finishes what it began …");
  const insisted = stop.insisted.catch((ended) => {
    server.kill();
    throw ended;
  });
  await Promise.race([server.close(), insisted]);
}

interface Running {
  readonly url: string;
  close(): Promise<void>;
  /** What a second signal does to others before this process ends. */
  kill(): void;
}

async function serveAlone(settings: Settings, log: Logger): Promise<Running> {
  return { ...(await startServer(settings, log)), kill: () => {} };
}

/** Production loads nothing of the sandbox. */
async function startServer(settings: Settings, log: Logger): Promise<Server> {
  const { serve } = await import("@linchpin/server");
  const sandbox = settings.mode === "sandbox" ? await makeSandbox() : null;
  return serve(settings, { log, sandbox });
}

async function makeSandbox() {
  const { makeSandboxFactory } = await import("@linchpin/sandbox");
  return makeSandboxFactory({ isOneOfSeveral: cluster.isWorker });
}

async function serveByWorkers(
  count: number,
  settings: Settings,
  log: Logger,
  signals: Invocation["signals"],
): Promise<Running> {
  const { startWorkers, WorkerEnded } = await import("@linchpin/server/workers");
  let restart = () => {};
  // From the start on: without a listener, the signal ends a process.
  signals.on("SIGUSR2", () => restart());
  try {
    const workers = await startWorkers(count, settings, log);
    restart = () => void workers.restart();
    return { url: workers.url, close: () => workers.close(), kill: () => workers.kill() };
  } catch (error) {
    // It has said why.
    if (error instanceof WorkerEnded) throw new Ended(error.exitCode, { atOnce: true });
    throw error;
  }
}

function readCount(text: string): number {
  if (!/^[1-9][0-9]?$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 to 99.");
  return Number(text);
}

function whereToLook(url: string): string {
  const option = url === "http://127.0.0.1:8420" ? "" : ` --url ${url}`;
  return `Linchpin sandbox: open ${url} in a browser · or try: npx linchpin tour${option}`;
}

/** The first start makes a database, which takes a few seconds. */
function tellWhenSlow({ mode }: Settings, { console }: Invocation): () => void {
  const timer = setTimeout(() => mode === "sandbox" && console.error("Linchpin is starting …"), 1000);
  return () => clearTimeout(timer);
}

/** Some parents pass on a signal that the terminal has sent to the whole group already: npm does. */
const echoMs = 300;

interface Stop {
  /** Resolves at the first signal to stop, with the exit code of a process that it ends. */
  readonly asked: Promise<number>;
  /** Rejects at the second one: the process ends at once. */
  readonly insisted: Promise<never>;
}

function listenForStop(signals: Invocation["signals"]): Stop {
  const asked = Promise.withResolvers<number>();
  const insisted = Promise.withResolvers<never>();
  let firstAt: number | null = null;
  const onSignal = (_signal: string, signalNumber: number) => {
    if (firstAt !== null && performance.now() - firstAt > echoMs)
      insisted.reject(new Ended(128 + signalNumber, { atOnce: true }));
    firstAt ??= performance.now();
    asked.resolve(128 + signalNumber);
  };
  signals.on("SIGINT", onSignal);
  signals.on("SIGTERM", onSignal);
  return { asked: asked.promise, insisted: insisted.promise };
}

function endAtOnce(exitCode: number): never {
  throw new Ended(exitCode, { atOnce: true });
}

async function variablesHelp(environment: Environment): Promise<string> {
  const { settingVariables } = await import("@linchpin/server");
  const indent = " ".repeat(4);
  return settingVariables
    .map(({ name, help, default: unset, isSecret }) => {
      const value = environment[name]?.trim() || null;
      const now = value === null ? "not set" : isSecret ? "****" : value;
      return `  ${name}\n${indent}${help}\n${indent}default: ${unset}; now: ${now}`;
    })
    .join("\n");
}
