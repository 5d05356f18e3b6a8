import { spawn } from "node:child_process";

/**
 * Runs a program in a process group of its own, whose number `whenStarted` gets, and resolves to what it printed.
 * `timeoutMs` 0: however long it takes.
 */
export async function runCommand(
  [program, ...words]: readonly [string, ...string[]],
  { environment, timeoutMs }: { environment: NodeJS.ProcessEnv; timeoutMs: number },
  whenStarted: (processGroup: number) => void,
): Promise<string> {
  const child = spawn(program, words, {
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  if (child.pid !== undefined) whenStarted(child.pid);
  let [printed, complaints] = ["", ""];
  child.stdout.on("data", (chunk) => (printed += chunk));
  child.stderr.on("data", (chunk) => (complaints += chunk));
  const ended = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  if (ended !== 0) throw new Error(`ended with ${ended}\n${printed}${complaints}`);
  return printed;
}
