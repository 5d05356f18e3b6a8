import type { MetricObjectWithValues, MetricValue } from "prom-client";

/** What one process measured. */
export type Measured = MetricObjectWithValues<MetricValue<string>>[];

/** What a worker tells the process that started it. */
export type FromWorker =
  | { readonly kind: "ready"; readonly url: string }
  /** Asks for what all workers measured. */
  | { readonly kind: "scrape"; readonly id: number }
  | { readonly kind: "measured"; readonly metrics: Measured };

export type ToWorker =
  | { readonly kind: "stop" }
  /** Stop, once every caller has had time to end its connection. */
  | { readonly kind: "retire" }
  | { readonly kind: "measure" }
  | { readonly kind: "scraped"; readonly id: number; readonly all: readonly Measured[] };

/** The variable that tells a worker which of them it is, from 1 on. */
export const workerVariable = "LINCHPIN_WORKER";
