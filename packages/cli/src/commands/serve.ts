import type { Server } from "@linchpin/server";
import { readSettings, type Settings, settingVariables } from "@linchpin/server/settings";
import type { Command } from "commander";

export function addServe(program: Command): void {
  program
    .command("serve")
    .description("run an issuer until it is told to stop")
    .addHelpText("after", () => `\nSettings are environment variables:\n${variablesHelp(process.env)}\n${examples}`)
    .action(runServe);
}

const examples = `
Examples:
  LINCHPIN_MODE=sandbox linchpin serve    an issuer to try things on; all that it needs it makes
  LINCHPIN_DATABASE_URL=postgres://issuer@db/issuer LINCHPIN_MASTER_KEY_FILE=/run/secrets/master.key \\
    LINCHPIN_MESSAGES_URL=https://messages.example LINCHPIN_OUTBOX_SECRET=… linchpin serve`;

async function runServe(): Promise<void> {
  const settings = readSettings(process.env);
  const stopWaiting = tellWhenSlow(settings);
  const { makeLogger } = await import("../logger.ts");
  const { serve } = await import("@linchpin/server");
  const server = await serve(settings, { log: makeLogger(settings) }).finally(stopWaiting);
  const toldToStop = untilSignal();
  if (settings.mode === "sandbox") console.log(whereToLook(server.url));
  await toldToStop;
  await stop(server, settings);
}

function whereToLook(url: string): string {
  const option = url === "http://127.0.0.1:8420" ? "" : ` --url ${url}`;
  return `Linchpin sandbox: open ${url} in a browser · or try: npx linchpin tour${option}`;
}

/** The first start makes a database, which takes a few seconds. */
function tellWhenSlow({ mode }: Settings): () => void {
  const timer = setTimeout(() => mode === "sandbox" && console.error("Linchpin is starting …"), 1000);
  return () => clearTimeout(timer);
}

/** Some parents pass on a signal that the terminal has sent to the whole group already: npm does. */
const echoMs = 300;

/** Resolves at the first signal to stop; a second one ends the process at once. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | null = null;
    const onSignal = (_signal: string, signalNumber: number) => {
      if (firstAt !== null && performance.now() - firstAt > echoMs) process.exit(128 + signalNumber);
      firstAt ??= performance.now();
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

async function stop(server: Server, { mode }: Settings): Promise<void> {
  if (mode === "sandbox") console.error("Linchpin finishes what it began …");
  await server.close();
}

function variablesHelp(environment: Readonly<Record<string, string | undefined>>): string {
  const indent = " ".repeat(4);
  return settingVariables
    .map(({ name, about, otherwise, isSecret }) => {
      const value = environment[name]?.trim() || null;
      const now = value === null ? "not set" : isSecret ? "****" : value;
      return `  ${name}\n${indent}${about}\n${indent}default: ${otherwise}; now: ${now}`;
    })
    .join("\n");
}
