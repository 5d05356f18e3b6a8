import cluster, { type Worker } from "node:cluster";
import type { FromWorker, Measured, ToWorker } from "./worker-messages.ts";

/** A worker that has not answered by then is left out. */
const answersWithinMs = 2_000;

/** Answers every worker's scrape with the metrics of all serving workers, until it is stopped. */
export function collectMeasures(serving: () => readonly Worker[]): () => void {
  const onMessage = async (asking: Worker, message: FromWorker) => {
    if (message.kind !== "scrape") return;
    const all = await Promise.all(serving().map(measuresOf));
    if (asking.isConnected()) asking.send({ kind: "scraped", id: message.id, all } satisfies ToWorker);
  };
  cluster.on("message", onMessage);
  return () => cluster.off("message", onMessage);
}

/** Whatever scrape they were asked for, they are as good. */
function measuresOf(worker: Worker): Promise<Measured> {
  return new Promise((resolve) => {
    const end = (metrics: Measured) => {
      clearTimeout(timer);
      worker.off("message", onMessage);
      resolve(metrics);
    };
    const timer = setTimeout(() => end([]), answersWithinMs);
    const onMessage = (message: FromWorker) => {
      if (message.kind === "measured") end(message.metrics);
    };
    worker.on("message", onMessage);
    if (worker.isConnected()) worker.send({ kind: "measure" } satisfies ToWorker);
  });
}
