import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A server beside ours, with these variables besides. Killed where this process ends before it. */
export function startChild(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn(command, words, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

/** Resolves when it has ended. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
