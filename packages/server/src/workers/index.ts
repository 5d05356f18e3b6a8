export { serveAsWorker } from "./worker.ts";
export { type FromWorker, type Measured, type ToWorker, workerVariable } from "./worker-messages.ts";
