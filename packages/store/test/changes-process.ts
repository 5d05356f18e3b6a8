import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process that writes to an embedded store until it is killed: `embedded-changes.ts`. */
export function startChanges(folder: string): ChildProcess {
  const program = fileURLToPath(import.meta.resolve("./embedded-changes.ts"));
  return spawn(process.execPath, ["--conditions=linchpin-source", program, folder], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}
