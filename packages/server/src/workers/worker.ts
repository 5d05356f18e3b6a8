import cluster from "node:cluster";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

/** Longer than proxies keep an idle connection, as `keepAliveTimeout` is: by then every caller has ended its own. */
const drainTimeoutMs = 75_000;

interface StoppableServer {
  readonly url: string;
  close(drainSignal?: AbortSignal): Promise<void>;
}

/**
 * Serves until it is stopped. The workers share one listening socket, which stays open when one of them ends.
 * @throws what `serve` throws
 */
export async function serveAsWorker(serve: () => Promise<StoppableServer>): Promise<void> {
  try {
    const server = await serve();
    const stopped = whenStopped();
    process.send?.({ kind: "ready", url: server.url } satisfies FromWorker);
    await server.close(await stopped);
  } finally {
    // It would keep the process.
    cluster.worker?.disconnect();
  }
}

/** Resolves with how long callers may keep their connections; undefined: as at any stop. */
function whenStopped(): Promise<AbortSignal | undefined> {
  const stopping = new AbortController();
  // A terminal sends the signal to the whole process group. The process that started the workers decides what follows.
  process.on("SIGINT", () => {});
  return new Promise((resolve) => {
    const stop = () => {
      stopping.abort();
      resolve(undefined);
    };
    process.on("SIGTERM", stop);
    process.on("message", ({ kind }: ToWorker) => {
      if (kind === "stop") stop();
      if (kind === "retire") resolve(AbortSignal.any([stopping.signal, AbortSignal.timeout(drainTimeoutMs)]));
    });
  });
}
