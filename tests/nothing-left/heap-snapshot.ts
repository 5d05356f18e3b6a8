import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a Node process is started with, so that `takeHeapSnapshot` can. Short strings are whole in a snapshot. */
export const snapshotOptions = (folder: string): string => `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`;

/** Every string and object that the process still holds. */
export async function takeHeapSnapshot(pid: number, folder: string): Promise<Buffer> {
  process.kill(pid, "SIGUSR2");
  for (;;) {
    const name = existsSync(folder) ? readdirSync(folder).find((file) => file.endsWith(".heapsnapshot")) : undefined;
    const snapshot = name === undefined ? Buffer.alloc(0) : readFileSync(join(folder, name));
    // Its JSON ends so.
    if (name !== undefined && snapshot.subarray(-8).includes("]}")) {
      rmSync(join(folder, name));
      return snapshot;
    }
    await sleep(100);
  }
}
