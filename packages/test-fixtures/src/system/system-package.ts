import { spawnSync } from "node:child_process";

/**
 * For the `skip` of a test that holds ours against another implementation: false where `probe` (a program and its
 * arguments) runs and exits with 0, else the reason, which names the Debian package that brings it.
 */
export function needsProgram(probe: readonly [string, ...string[]], debianPackage: string): string | false {
  return runs(probe) ? false : `needs ${probe[0]} (apt-get install ${debianPackage})`;
}

const known = new Map<string, boolean>();

/** Once a process and probe: many files ask, and a program starts slowly. */
function runs(probe: readonly [string, ...string[]]): boolean {
  const [program, ...programArguments] = probe;
  const key = JSON.stringify(probe);
  const runs = known.get(key) ?? spawnSync(program, programArguments, { stdio: "ignore" }).status === 0;
  known.set(key, runs);
  return runs;
}
