import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@linchpin/test-fixtures/system/free-port";

const main = join(import.meta.dirname, "../packages/cli/src/main.ts");
const readyWithinMs = 120_000;

/** `linchpin serve` as a process of its own, to be killed. */
export interface IssuerProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Resolves when it is ready. `port` 0: any that is free. `options`: of `linchpin serve`. `outputFd`: a file for all that
 * it prints; else errors show.
 */
export async function startIssuerProcess(
  environment: Record<string, string>,
  port = 0,
  options: readonly string[] = [],
  outputFd?: number,
): Promise<IssuerProcess> {
  const chosen = port === 0 ? await freePort() : port;
  const child = spawn(process.execPath, ["--conditions=linchpin-source", main, "serve", ...options], {
    env: { ...process.env, LINCHPIN_MODE: "sandbox", ...environment, LINCHPIN_PORT: String(chosen) },
    stdio: ["ignore", outputFd ?? "ignore", outputFd ?? "inherit"],
  });
  const url = `http://127.0.0.1:${chosen}`;
  await ready(url, child);
  return {
    url,
    port: chosen,
    pid: child.pid,
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    },
  };
}

/** Runs `linchpin` to its end. */
export async function runLinchpin(
  environment: Record<string, string>,
  ...words: string[]
): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, ["--conditions=linchpin-source", main, ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const [exitCode] = await once(child, "exit");
  return { exitCode, output };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  while (child.exitCode === null && Date.now() < giveUpAt) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.status === 200) return;
    await sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error("the issuer did not become ready");
}
