import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import type { Logger } from "pino";
import type { Settings } from "../settings/index.ts";
import { collectMeasures } from "./collect-measures.ts";
import { type FromWorker, type ToWorker, workerVariable } from "./worker-messages.ts";

const startsWithinMs = 60_000;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** A worker that ran this long is not a failed start: the restart delay is reset. */
const healthyAfterMs = 60_000;

/**
 * Starts `count` processes that serve as one, each by running this program again, which calls `serveAsWorker` in a worker
 * of node:cluster. A worker that ends by itself is restarted, after a delay that doubles while workers keep ending.
 *
 * @throws LinchpinError `settings_invalid`: the embedded store is one process's. `WorkerEnded`: the first ended before
 *   it was ready, and has said why.
 */
export async function startWorkers(count: number, settings: Settings, log: Logger): Promise<Workers> {
  if (settings.databaseUrl === null)
    throw new LinchpinError("settings_invalid", {
      reason: "--workers needs LINCHPIN_DATABASE_URL: the embedded store is one process's",
    });
  const workers = new Workers(log);
  // The first worker starts alone: it migrates the database and makes the first keys, and an error is reported once.
  await workers.start(1);
  await Promise.all(Array.from({ length: count - 1 }, (_, index) => workers.start(index + 2)));
  return workers;
}

export class WorkerEnded extends Error {
  override readonly name = "WorkerEnded";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("a worker ended before it was ready");
    this.exitCode = exitCode;
  }
}

/** Worker processes by their number, from 1 on. This process owns the listening socket, so that no waiting connection is lost when a worker ends. */
export class Workers {
  url = "";
  readonly #log: Logger;
  readonly #serving = new Map<number, Worker>();
  readonly #pausesMs = new Map<number, number>();
  readonly #stopCollecting: () => void;
  #isClosing = false;

  constructor(log: Logger) {
    this.#log = log;
    this.#stopCollecting = collectMeasures(() => [...this.#serving.values()]);
  }

  /** Resolves when the new worker serves; the one that had its number before then retires. @throws WorkerEnded */
  async start(place: number): Promise<void> {
    const worker = cluster.fork({ [workerVariable]: String(place) });
    this.url = await ready(worker);
    const former = this.#serving.get(place);
    this.#serving.set(place, worker);
    const readyAt = performance.now();
    worker.once("exit", (code, signal) => {
      if (this.#isClosing || this.#serving.get(place) !== worker) return;
      this.#serving.delete(place);
      this.#log.error({ worker: place, code, signal }, "a worker ended; another is started");
      if (performance.now() - readyAt > healthyAfterMs) this.#pausesMs.delete(place);
      void this.#startAgain(place);
    });
    if (former !== undefined) tell(former, { kind: "retire" });
    if (this.#isClosing) tell(worker, { kind: "stop" });
  }

  /** Replaces the workers one after the other: the new one serves before the old one ends. If one does not start, the rest stay as they are. */
  async restart(): Promise<void> {
    try {
      for (const place of [...this.#serving.keys()]) await this.start(place);
      this.#log.info({ workers: this.#serving.size }, "workers restarted");
    } catch (error) {
      this.#log.error({ err: error }, "workers not restarted");
    }
  }

  /** Each worker answers the requests in progress, then ends. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const workers = everyWorker();
    const ended = workers.map((worker) => once(worker, "exit"));
    for (const worker of workers) tell(worker, { kind: "stop" });
    await Promise.all(ended);
    this.#stopCollecting();
  }

  /** At once. */
  kill(): void {
    for (const { process } of everyWorker()) process.kill("SIGKILL");
  }

  async #startAgain(place: number): Promise<void> {
    const pauseMs = this.#pausesMs.get(place) ?? firstPauseMs;
    this.#pausesMs.set(place, Math.min(2 * pauseMs, longestPauseMs));
    await sleep(pauseMs);
    if (this.#isClosing) return;
    await this.start(place).catch(() => this.#startAgain(place));
  }
}

/** Retiring ones too. */
function everyWorker(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}

/** The origin it listens at. */
async function ready(worker: Worker): Promise<string> {
  const timer = setTimeout(() => worker.process.kill("SIGKILL"), startsWithinMs);
  try {
    return await new Promise((resolve, reject) => {
      worker.on("message", (message: FromWorker) => {
        if (message.kind === "ready") resolve(message.url);
      });
      worker.once("exit", (code) => reject(new WorkerEnded(code ?? 1)));
    });
  } finally {
    clearTimeout(timer);
  }
}
