import type { MetricObjectWithValues, MetricValue } from "prom-client";

/** The metrics of one process. */
export type Measured = MetricObjectWithValues<MetricValue<string>>[];

/** Messages from a worker to the process that started it. */
export type FromWorker =
  | { readonly kind: "ready"; readonly url: string }
  /** Asks for the metrics of all workers. */
  | { readonly kind: "scrape"; readonly id: number }
  | { readonly kind: "measured"; readonly metrics: Measured };

export type ToWorker =
  | { readonly kind: "stop" }
  /** Stop, once every caller has had time to end its connection. */
  | { readonly kind: "retire" }
  | { readonly kind: "measure" }
  | { readonly kind: "scraped"; readonly id: number; readonly all: readonly Measured[] };

/** The variable that holds a worker's number, from 1 on. */
export const workerVariable = "LINCHPIN_WORKER";
