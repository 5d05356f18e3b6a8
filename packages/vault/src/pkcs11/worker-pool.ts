import { setTimeout as pause } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import type { VaultEvent } from "../vault-scheme.ts";
import type { Capabilities } from "./capabilities.ts";
import { Pkcs11Failure } from "./pkcs11-failure.ts";
import type { TokenUri } from "./token-uri.ts";
import type { Answer, Operation, WorkerFailure } from "./worker-messages.ts";
import { WorkerProcess } from "./worker-process.ts";

export interface PoolSettings {
  /** How many worker processes there are. */
  readonly size: number;
  /** How long a call may take before its worker is ended. Making a key may take longer. */
  readonly callTimeoutMs: number;
  readonly report: (event: VaultEvent) => void;
}

/** A call that waits for a worker whose start number is greater than `startedAfter`. */
interface WaitingCall {
  readonly startedAfter: number;
  readonly resolve: (worker: WorkerProcess) => void;
  readonly reject: (failure: Pkcs11Failure) => void;
}

/**
 * Worker processes that are logged in to one token. A worker that ends is replaced. A worker that lost its token is
 * replaced too, and its failed call is repeated once, in a worker that was started afterwards and sees the token as it
 * is now. Workers start one after the other, so that a PIN that is no longer right is tried once and never again.
 */
export class WorkerPool {
  readonly #uri: TokenUri;
  readonly #settings: PoolSettings;
  /** Workers that are logged in, with their start numbers, oldest first. */
  readonly #ready = new Map<WorkerProcess, number>();
  readonly #closing = new AbortController();
  #waiting: WaitingCall[] = [];
  #startCount = 0;
  #starting: Promise<void> | null = null;
  #pinWasAccepted = false;
  #restartDelayMs = firstRestartDelayMs;
  /** Why the latest start failed; null where it succeeded. */
  #startFailure: Pkcs11Failure | null = null;
  /** Why no worker is started any more; null while they are. */
  #refusal: Pkcs11Failure | null = null;
  #capabilities: Capabilities | null = null;

  /** Resolves when the first worker is logged in. @throws LinchpinError `settings_invalid`, `unavailable` */
  static async open(uri: TokenUri, settings: PoolSettings): Promise<WorkerPool> {
    const pool = new WorkerPool(uri, settings);
    try {
      await pool.#start();
    } catch (failure) {
      throw toError(failure);
    }
    pool.#replenish();
    return pool;
  }

  private constructor(uri: TokenUri, settings: PoolSettings) {
    this.#uri = uri;
    this.#settings = settings;
  }

  /** Why the token does not compute an algorithm, by algorithm; null for those that it computes. */
  get declined(): Capabilities["declined"] {
    if (this.#capabilities === null) throw new Error("a pool has capabilities once it is open");
    return this.#capabilities.declined;
  }

  /** @throws LinchpinError as the worker reports; `unavailable`: there is no worker */
  async call(operation: Operation): Promise<Answer> {
    try {
      return await this.#callAtMostTwice(operation);
    } catch (failure) {
      throw toError(failure);
    }
  }

  /** Resolves when the calls under way have ended, and the worker processes with them. */
  async close(): Promise<void> {
    this.#closing.abort();
    const exits = [...this.#ready.keys()].map((worker) => new Promise<void>((resolve) => worker.onExit(resolve)));
    for (const worker of this.#ready.keys()) worker.retire();
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    await Promise.all([...exits, this.#starting]);
  }

  async #callAtMostTwice(operation: Operation): Promise<Answer> {
    const worker = await this.#leastBusyWorker(0);
    const first = await this.#call(worker, operation).catch(asLossOrThrow);
    if (!(first instanceof Pkcs11Failure)) return first;
    const startedAfter = this.#startCount;
    this.#replace(worker, first.reason);
    // Making a key is the only operation that must not run twice.
    if (operation.method === "makeKey") throw first;
    const fresh = await this.#leastBusyWorker(startedAfter);
    const second = await this.#call(fresh, operation).catch(asLossOrThrow);
    if (!(second instanceof Pkcs11Failure)) return second;
    // A fresh worker does not find the key: the token answers, and does not hold it.
    if (second.kind === "missing" && operation.method === "destroyKey") return null;
    if (second.kind === "lost") this.#replace(fresh, second.reason);
    throw second;
  }

  #call(worker: WorkerProcess, operation: Operation): Promise<Answer> {
    return worker.call(operation, operation.method === "makeKey" ? makeKeyTimeoutMs : this.#settings.callTimeoutMs);
  }

  /** Of the workers with a start number greater than `startedAfter`; waits where there is none. */
  #leastBusyWorker(startedAfter: number): Promise<WorkerProcess> {
    const [leastBusy] = [...this.#ready]
      .filter(([, startNumber]) => startNumber > startedAfter)
      .toSorted(([one], [other]) => one.pendingCalls - other.pendingCalls);
    if (leastBusy !== undefined) return Promise.resolve(leastBusy[0]);
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    if (this.#startFailure !== null) return Promise.reject(asUnavailable(this.#startFailure));
    if (this.#closing.signal.aborted) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ startedAfter, resolve, reject });
      this.#replenish();
    });
  }

  #replace(worker: WorkerProcess, reason: string | null): void {
    if (this.#ready.has(worker)) this.#settings.report({ state: "lost", reason });
    this.#remove(worker);
    this.#replenish();
  }

  #remove(worker: WorkerProcess): void {
    this.#ready.delete(worker);
    worker.retire();
  }

  /** Starts workers, one after the other, until the pool is full and no call waits. */
  #replenish(): void {
    const isFull = this.#ready.size >= this.#settings.size && this.#waiting.length === 0;
    if (this.#starting !== null || isFull || this.#refusal !== null || this.#closing.signal.aborted) return;
    this.#starting = this.#start()
      .catch((failure: Pkcs11Failure) => this.#pauseAfter(failure))
      .finally(() => {
        this.#starting = null;
        this.#replenish();
      });
  }

  async #pauseAfter(failure: Pkcs11Failure): Promise<void> {
    this.#settings.report({ state: "refused", reason: failure.reason });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#refusal ?? asUnavailable(failure));
    if (this.#refusal !== null) return;
    await pause(this.#restartDelayMs, null, { signal: this.#closing.signal }).catch(() => {});
    this.#restartDelayMs = Math.min(2 * this.#restartDelayMs, maxRestartDelayMs);
  }

  async #start(): Promise<void> {
    const startNumber = ++this.#startCount;
    const worker = new WorkerProcess(this.#capabilities);
    let pinWasTried = false;
    try {
      await worker.start(this.#uri, { timeoutMs: startTimeoutMs, beforeLogin: () => (pinWasTried = true) });
    } catch (error) {
      const failure = error as Pkcs11Failure;
      this.#startFailure = failure;
      // A try that was never answered may have been a wrong one, as long as the PIN was not accepted before.
      if (failure.kind === "pin_refused" || (pinWasTried && !this.#pinWasAccepted)) this.#refusal = failure;
      throw failure;
    }
    this.#pinWasAccepted = true;
    this.#startFailure = null;
    this.#restartDelayMs = firstRestartDelayMs;
    this.#capabilities = worker.capabilities;
    this.#add(worker, startNumber);
  }

  #add(worker: WorkerProcess, startNumber: number): void {
    if (this.#closing.signal.aborted) {
      worker.kill();
      return;
    }
    this.#ready.set(worker, startNumber);
    this.#settings.report({ state: "ready", reason: null });
    worker.onExit(() => {
      if (!this.#ready.delete(worker) || this.#closing.signal.aborted) return;
      this.#settings.report({ state: "ended", reason: null });
      this.#replenish();
    });
    const [oldest] = this.#ready.keys();
    if (this.#ready.size > this.#settings.size && oldest !== undefined) this.#remove(oldest);
    const served = this.#waiting.filter(({ startedAfter }) => startNumber > startedAfter);
    this.#waiting = this.#waiting.filter(({ startedAfter }) => startNumber <= startedAfter);
    for (const { resolve } of served) resolve(worker);
  }
}

/** A failure that another worker may not have: this one lost its token, or does not find the key. Throws any other. */
function asLossOrThrow(failure: unknown): Pkcs11Failure {
  if (failure instanceof Pkcs11Failure && (failure.kind === "lost" || failure.kind === "missing")) return failure;
  throw failure;
}

function toError(cause: unknown): unknown {
  if (!(cause instanceof Pkcs11Failure)) return cause;
  const reason = cause.reason ?? undefined;
  return new LinchpinError(
    codes[cause.kind as keyof typeof codes] ?? cause.kind,
    reason === undefined ? {} : { reason },
  );
}

/** Whatever prevents a start may pass, except a refused PIN. */
function asUnavailable({ reason }: Pkcs11Failure): Pkcs11Failure {
  return new Pkcs11Failure("unavailable", reason);
}

function closed(): Pkcs11Failure {
  return new Pkcs11Failure("unavailable", "the vault is closed");
}

const codes = {
  lost: "unavailable",
  missing: "settings_invalid",
  pin_refused: "settings_invalid",
} as const satisfies Partial<Record<WorkerFailure["kind"], string>>;
const startTimeoutMs = 20_000;
const makeKeyTimeoutMs = 60_000;
const firstRestartDelayMs = 200;
const maxRestartDelayMs = 5_000;
