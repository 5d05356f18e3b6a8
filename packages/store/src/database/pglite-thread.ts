import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";

/** Where PGlite finds its files: in a folder, or in memory, where it begins as the archive. */
export interface PgliteFiles {
  readonly folder: string | null;
  readonly archive: Uint8Array<ArrayBuffer> | null;
}

/** Messages of PostgreSQL's wire protocol; a tar archive of all files; the end. */
export type PgliteRequest = Uint8Array | "dump" | "close";

interface Waiting {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * V8 compiles PGlite once, and does not optimize what runs often: that would take a second of processor time and 500 MB
 * while a server starts, and make statements faster by a fifth at most. V8 reads these flags when it compiles PGlite.
 */
const withoutOptimization = ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"];

/**
 * PGlite in a thread of its own, so that statements and the cryptography of requests run at the same time. The thread
 * keeps the process from ending only while it owes an answer.
 */
export class PgliteThread {
  readonly #worker: Worker;
  /** In the order of the requests, which is that of the answers. */
  readonly #waiting: Waiting[] = [];
  #failure: unknown = null;

  private constructor(files: PgliteFiles) {
    // Without the options of this process: a module that is loaded before its others need not be loaded there too.
    const options = { workerData: files, execArgv: [] };
    this.#worker = new Worker(fileURLToPath(import.meta.resolve("#pglite-worker")), options);
    this.#worker.on("message", (answer: Uint8Array) => {
      const first = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#worker.unref();
      first?.resolve(answer);
    });
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("PGlite has ended")));
  }

  static async start(files: PgliteFiles): Promise<PgliteThread> {
    for (const flag of withoutOptimization) setFlagsFromString(flag);
    const thread = new PgliteThread(files);
    await thread.#answered();
    return thread;
  }

  /** @throws an error after which PGlite is of no more use; PostgreSQL's own are in the answer */
  exchange(messages: Uint8Array): Promise<Uint8Array> {
    const copy = new Uint8Array(messages); // What is posted is taken away; what the driver writes is a part of more.
    return this.#ask(copy, [copy.buffer]);
  }

  dump(): Promise<Uint8Array> {
    return this.#ask("dump");
  }

  async close(): Promise<void> {
    if (this.#failure !== null) return;
    this.#worker.ref();
    const ended = once(this.#worker, "exit");
    this.#worker.postMessage("close" satisfies PgliteRequest);
    await ended;
  }

  #ask(request: PgliteRequest, transferred: ArrayBuffer[] = []): Promise<Uint8Array> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#waiting.length === 0) this.#worker.ref();
    this.#worker.postMessage(request, transferred);
    return this.#answered();
  }

  #answered(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
