import cluster from "node:cluster";
import { AggregatorRegistry, type Registry } from "prom-client";
import { type FromWorker, type Measured, type ToWorker, workerVariable } from "../workers/index.ts";

/**
 * The metrics of `registry` and of the other workers. A scrape reaches any of them, so it asks for all; each
 * stands under its own `worker`, so that a counter which starts anew is seen to.
 */
export function scrapeOf(registry: Registry): () => Promise<string> {
  if (!cluster.isWorker) return () => registry.metrics();
  registry.setDefaultLabels({ worker: process.env[workerVariable] ?? "" });
  const waiting = new Map<number, (all: readonly Measured[]) => void>();
  let scrapes = 0;
  const tell = (message: FromWorker) => process.send?.(message);
  process.on("message", async (message: ToWorker) => {
    if (message.kind === "measure")
      tell({ kind: "measured", metrics: (await registry.getMetricsAsJSON()) as Measured });
    if (message.kind === "scraped") {
      waiting.get(message.id)?.(message.all);
      waiting.delete(message.id);
    }
  });
  return async () => {
    const id = scrapes++;
    const all = await new Promise<readonly Measured[]>((resolve) => {
      waiting.set(id, resolve);
      tell({ kind: "scrape", id });
    });
    return AggregatorRegistry.aggregate([...all]).metrics();
  };
}
