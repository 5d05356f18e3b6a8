import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { cpuSecondsOf, residentBytesOf } from "./cpu-time.ts";

/** `npm start`, from the command until `/health/ready` answers 200. */
export interface Start {
  readonly folder: "empty" | "filled by the start before";
  readonly readyMs: number;
  /** CPU time of all its processes until then: what a machine that others use tells of a start. */
  readonly cpuSeconds: number;
  /** Resident memory of the process that serves, once it is ready. */
  readonly memoryBytes: number;
}

/** On a fresh folder, and on the same one again. */
export async function measureStarts(folder: string): Promise<readonly Start[]> {
  const data = await mkdtemp(join(folder, "start-"));
  return [
    { folder: "empty", ...(await start(data)) },
    { folder: "filled by the start before", ...(await start(data)) },
  ];
}

async function start(data: string): Promise<Omit<Start, "folder">> {
  const port = await freePort();
  const startedAt = performance.now();
  const npm = spawn("npm", ["start"], {
    cwd: join(import.meta.dirname, "../.."),
    env: { ...process.env, LINCHPIN_PORT: `${port}`, LINCHPIN_DATA: data },
    stdio: "ignore",
    detached: true, // a group of its own, which is ended together
  });
  const pid = npm.pid ?? 0;
  const ended = once(npm, "exit");
  try {
    while (!(await isReady(port))) {
      if (npm.exitCode !== null) throw new Error("npm start ended");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const readyMs = performance.now() - startedAt;
    return { readyMs, cpuSeconds: cpuSecondsOf(pid), memoryBytes: Math.max(...residentBytesOf(pid)) };
  } finally {
    process.kill(-pid, "SIGTERM");
    await ended;
  }
}

async function isReady(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
  return response?.status === 200;
}
