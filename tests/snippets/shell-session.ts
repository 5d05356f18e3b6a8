import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runCommand } from "./run-command.ts";

const endsWithinMs = 120_000;
const listensWithinMs = 60_000;

/** A terminal: what one block exports, the next ones have, and what a block leaves in the background ends with it. */
export class ShellSession {
  /** Where files of the blocks go. */
  readonly folder = mkdtempSync(join(tmpdir(), "linchpin-shell-"));
  readonly #exports = join(this.folder, "exports");
  readonly #environment: NodeJS.ProcessEnv;
  readonly #processGroups = new Set<number>();

  constructor(environment: NodeJS.ProcessEnv) {
    // Neither the repository's data nor the device of whoever runs the tests.
    const [data, config] = [join(this.folder, "linchpin"), join(this.folder, "config")];
    this.#environment = { ...environment, LINCHPIN_DATA: data, XDG_CONFIG_HOME: config };
    writeFileSync(this.#exports, "");
  }

  /** Resolves to what it printed. */
  run(code: string, timeoutMs = endsWithinMs): Promise<string> {
    // What is installed here is what would be installed again.
    const npm = 'npm() { [ "$1" = ci ] || command npm "$@"; }';
    const lines = [`source ${this.#exports}`, npm, code, `declare -px > ${this.#exports}`];
    return this.#run(["bash", "-euo", "pipefail", "-c", lines.join("\n")], timeoutMs);
  }

  /** A program that has what was exported. */
  runProgram(command: readonly [string, ...string[]]): Promise<string> {
    return this.#run(["bash", "-c", `source ${this.#exports}; exec "$@"`, "bash", ...command], endsWithinMs);
  }

  /** For what goes on until it is told to stop: resolves once it listens on one of the ports. */
  async start(code: string, ports: readonly number[]): Promise<void> {
    const free: number[] = [];
    for (const port of ports) if (!(await listens(port))) free.push(port);
    let failure: Error | undefined;
    this.run(code, 0).catch((error) => (failure = error));
    for (let waitedMs = 0; waitedMs < listensWithinMs; waitedMs += 100) {
      if (failure !== undefined) throw failure;
      for (const port of free) if (await listens(port)) return;
      await sleep(100);
    }
    throw new Error("it listens on none of its ports");
  }

  #run(command: readonly [string, ...string[]], timeoutMs: number): Promise<string> {
    const settings = { environment: this.#environment, timeoutMs };
    return runCommand(command, settings, (group) => this.#processGroups.add(group));
  }

  close(): void {
    for (const group of this.#processGroups)
      try {
        process.kill(-group, "SIGKILL");
      } catch {
        // All of it has ended.
      }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(socket.destroy() && true));
    socket.on("error", () => resolve(false));
  });
}
