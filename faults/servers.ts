import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type IssuerProcess, startIssuerProcess } from "../tests/issuer-process.ts";

/** Two `linchpin serve` on one database. */
export interface Servers {
  readonly origins: readonly string[];
  /** `kill -9`; it is started again by `restart`, on its port. */
  kill(index: number): Promise<void>;
  restart(index: number): Promise<void>;
  /** Without help: true where both are ready in time. */
  becomeReady(withinMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

/** `environmentOf`: what each server has in its environment besides. `logFile` takes all that they print. */
export async function startServers(
  environmentOf: (index: number) => Record<string, string>,
  logFile: string,
): Promise<Servers> {
  const log = await open(logFile, "a");
  const running: (IssuerProcess | null)[] = [];
  const start = (index: number, port?: number) =>
    startIssuerProcess({ LINCHPIN_LOG_LEVEL: "error", ...environmentOf(index) }, port, [], log.fd);
  for (const index of [0, 1]) running.push(await start(index));
  const servers = running.filter((server) => server !== null);
  return {
    origins: servers.map(({ url }) => url),
    kill: async (index) => {
      await running[index]?.kill("SIGKILL");
      running[index] = null;
    },
    restart: async (index) => {
      running[index] = await start(index, servers[index]?.port);
    },
    becomeReady: async (withinMs) => {
      const giveUpAt = Date.now() + withinMs;
      const ready = await Promise.all(servers.map(({ url }) => isReadyBy(url, giveUpAt)));
      return ready.every((one) => one);
    },
    stop: async () => {
      for (const server of running) await server?.kill("SIGTERM");
      await log.close();
    },
  };
}

async function isReadyBy(origin: string, giveUpAt: number): Promise<boolean> {
  while (Date.now() < giveUpAt) {
    const answer = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (answer?.status === 200) return true;
    await sleep(200);
  }
  return false;
}
