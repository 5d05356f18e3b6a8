import { spawnSync } from "node:child_process";

/**
 * For the `skip` of a test that holds ours against another implementation: false where `probe` (a program and its
 * arguments) runs and exits with 0, else the reason, which names the Debian package that brings it.
 */
export function needsProgram(probe: readonly [string, ...string[]], debianPackage: string): string | false {
  const [program, ...programArguments] = probe;
  const { status } = spawnSync(program, programArguments, { stdio: "ignore" });
  return status === 0 ? false : `needs ${program} (apt-get install ${debianPackage})`;
}
