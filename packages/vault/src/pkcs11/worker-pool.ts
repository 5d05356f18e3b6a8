import { setTimeout as pause } from "node:timers/promises";
import { LinchpinError } from "@linchpin/core";
import type { VaultEvent } from "../vault-scheme.ts";
import { Pkcs11Failure } from "./pkcs11-failure.ts";
import type { TokenUri } from "./token-uri.ts";
import type { Answer, Failure, Operation } from "./worker-messages.ts";
import { WorkerProcess } from "./worker-process.ts";

export interface PoolSettings {
  readonly size: number;
  readonly callTimeoutMs: number;
  /** Told what becomes of each worker, for log lines. */
  readonly report: (event: VaultEvent) => void;
}

interface Waiting {
  readonly newerThan: number;
  readonly resolve: (worker: WorkerProcess) => void;
  readonly reject: (failure: Pkcs11Failure) => void;
}

/**
 * Processes that are logged in to one token. One that ends is replaced; one whose token is lost is replaced, and what
 * it was asked is asked again, once, of a fresh one, which sees the token as it is now. Processes start one after the
 * other, so that a PIN that is no longer right is tried once and never again.
 */
export class WorkerPool {
  readonly #uri: TokenUri;
  readonly #settings: PoolSettings;
  readonly #ready = new Map<WorkerProcess, number>();
  readonly #ending = new AbortController();
  #waiting: Waiting[] = [];
  #started = 0;
  #starting: Promise<void> | null = null;
  #pinIsProven = false;
  #startDelayMs = firstDelayMs;
  /** Of the latest start; null while all is well. */
  #startFailure: Pkcs11Failure | null = null;
  #refusal: Pkcs11Failure | null = null;
  #capabilities: WorkerProcess["capabilities"] = null;

  /** Resolves when the first process is logged in. @throws LinchpinError `settings_invalid`, `unavailable` */
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

  /** @throws LinchpinError as the worker says; `unavailable` when no worker can be had */
  async ask(operation: Operation): Promise<Answer> {
    try {
      return await this.#askAtMostTwice(operation);
    } catch (failure) {
      throw toError(failure);
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    const exits = [...this.#ready.keys()].map((worker) => new Promise<void>((resolve) => worker.onExit(resolve)));
    for (const worker of this.#ready.keys()) worker.retire();
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    await Promise.all([...exits, this.#starting]);
  }

  async #askAtMostTwice(operation: Operation): Promise<Answer> {
    const worker = await this.#worker(0);
    const failure = await this.#ask(worker, operation).catch(orLoss);
    if (!(failure instanceof Pkcs11Failure)) return failure;
    const startedSoFar = this.#started;
    this.#replace(worker, failure.reason);
    // Making a key is the one thing that is not the same when done twice.
    if (operation.method === "makeKey") throw failure;
    const fresh = await this.#worker(startedSoFar);
    const failureAgain = await this.#ask(fresh, operation).catch(orLoss);
    if (!(failureAgain instanceof Pkcs11Failure)) return failureAgain;
    // What a fresh worker misses is not there; the token answers.
    if (failureAgain.kind === "missing" && operation.method === "destroyKey") return null;
    if (failureAgain.kind === "lost") this.#replace(fresh, failureAgain.reason);
    throw failureAgain;
  }

  #ask(worker: WorkerProcess, operation: Operation): Promise<Answer> {
    return worker.ask(operation, operation.method === "makeKey" ? makeKeyTimeoutMs : this.#settings.callTimeoutMs);
  }

  /** The least busy one that was started after so many others. */
  #worker(newerThan: number): Promise<WorkerProcess> {
    const [least] = [...this.#ready]
      .filter(([, number]) => number > newerThan)
      .toSorted(([one], [other]) => one.callsUnderWay - other.callsUnderWay);
    if (least !== undefined) return Promise.resolve(least[0]);
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    if (this.#startFailure !== null) return Promise.reject(asUnavailable(this.#startFailure));
    if (this.#ending.signal.aborted) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ newerThan, resolve, reject });
      this.#replenish();
    });
  }

  #replace(worker: WorkerProcess, reason: string | null): void {
    if (this.#ready.has(worker)) this.#settings.report({ state: "lost", reason });
    this.#dismiss(worker);
    this.#replenish();
  }

  #dismiss(worker: WorkerProcess): void {
    this.#ready.delete(worker);
    worker.retire();
  }

  #replenish(): void {
    const isFull = this.#ready.size >= this.#settings.size && this.#waiting.length === 0;
    if (this.#starting !== null || isFull || this.#refusal !== null || this.#ending.signal.aborted) return;
    this.#starting = this.#start()
      .catch((failure: Pkcs11Failure) => this.#waitAfter(failure))
      .finally(() => {
        this.#starting = null;
        this.#replenish();
      });
  }

  async #waitAfter(failure: Pkcs11Failure): Promise<void> {
    this.#settings.report({ state: "refused", reason: failure.reason });
    for (const { reject } of this.#waiting.splice(0)) reject(this.#refusal ?? asUnavailable(failure));
    if (this.#refusal !== null) return;
    await pause(this.#startDelayMs, null, { signal: this.#ending.signal }).catch(() => {});
    this.#startDelayMs = Math.min(2 * this.#startDelayMs, lastDelayMs);
  }

  async #start(): Promise<void> {
    const number = ++this.#started;
    const worker = new WorkerProcess(this.#capabilities);
    let isPinUnderWay = false;
    try {
      await worker.start(this.#uri, { timeoutMs: startTimeoutMs, beforeLogin: () => (isPinUnderWay = true) });
    } catch (error) {
      const failure = error as Pkcs11Failure;
      this.#startFailure = failure;
      // A try that nobody answered may have been a wrong one.
      if (failure.kind === "pin_refused" || (isPinUnderWay && !this.#pinIsProven)) this.#refusal = failure;
      throw failure;
    }
    this.#pinIsProven = true;
    this.#startFailure = null;
    this.#startDelayMs = firstDelayMs;
    this.#capabilities = worker.capabilities;
    this.#admit(worker, number);
  }

  #admit(worker: WorkerProcess, number: number): void {
    if (this.#ending.signal.aborted) {
      worker.kill();
      return;
    }
    this.#ready.set(worker, number);
    this.#settings.report({ state: "ready", reason: null });
    worker.onExit(() => {
      if (!this.#ready.delete(worker) || this.#ending.signal.aborted) return;
      this.#settings.report({ state: "ended", reason: null });
      this.#replenish();
    });
    const [oldest] = this.#ready.keys();
    if (this.#ready.size > this.#settings.size && oldest !== undefined) this.#dismiss(oldest);
    const served = this.#waiting.filter(({ newerThan }) => number > newerThan);
    this.#waiting = this.#waiting.filter(({ newerThan }) => number <= newerThan);
    for (const { resolve } of served) resolve(worker);
  }
}

/** That the worker lost its token, or misses the key; anything else is thrown on. */
function orLoss(failure: unknown): Pkcs11Failure {
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

/** What keeps a start from succeeding may pass, as long as it is not the PIN. */
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
} as const satisfies Partial<Record<Failure["kind"], string>>;
const startTimeoutMs = 20_000;
const makeKeyTimeoutMs = 60_000;
const firstDelayMs = 200;
const lastDelayMs = 5_000;
