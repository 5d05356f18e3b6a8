import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs test files once more, in other surroundings, as `npm test` runs them. */
export async function runTests(patterns: readonly string[], environment: Record<string, string>): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--conditions=linchpin-source", "scripts/test.ts", ...patterns], {
    cwd: join(import.meta.dirname, ".."),
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [exitCode] = await once(child, "close");
  return { exitCode, output };
}

export function assertPassed({ exitCode, output }: Ended): void {
  assert.equal(exitCode, 0, output);
  assert.doesNotMatch(output, /Left out/);
}
