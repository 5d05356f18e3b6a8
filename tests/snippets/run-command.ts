import { spawn } from "node:child_process";

const endsWithinMs = 60_000;

/** Runs a program to its end and resolves to what it printed; what it left behind in the background goes on. */
export async function runCommand(
  [program, ...words]: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv,
  whenStarted: (processGroup: number) => void = () => {},
): Promise<string> {
  const child = spawn(program, words, {
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: endsWithinMs,
  });
  if (child.pid !== undefined) whenStarted(child.pid);
  let [printed, complaints] = ["", ""];
  child.stdout.on("data", (chunk) => (printed += chunk));
  child.stderr.on("data", (chunk) => (complaints += chunk));
  const ended = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => setImmediate(() => resolve(code ?? signal)));
  });
  if (ended !== 0) throw new Error(`ended with ${ended}\n${printed}${complaints}`);
  return printed;
}
