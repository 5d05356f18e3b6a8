import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Capabilities } from "./capabilities.ts";
import { Pkcs11Failure } from "./pkcs11-failure.ts";
import type { TokenUri } from "./token-uri.ts";
import type { Answer, FromWorker, Operation, ToWorker } from "./worker-messages.ts";

interface PendingCall {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: Pkcs11Failure) => void;
  readonly timer: NodeJS.Timeout;
}

/** A process that loads the PKCS#11 module, so that a crash of the module ends no other process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, PendingCall>();
  #lastCallId = 0;
  #isRetired = false;
  capabilities: Capabilities | null;

  constructor(capabilities: Capabilities | null) {
    this.capabilities = capabilities;
    this.#child = fork(workerPath, {
      // The module must not see the issuer's secrets, such as the database's password and the master key.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LINCHPIN_"))),
      execArgv: process.execArgv.filter((argument) => argument.startsWith("--conditions")),
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (message: FromWorker) => {
      if ("callId" in message) this.#complete(message);
    });
    this.#child.on("error", () => this.#rejectAll());
    this.#child.once("exit", () => this.#rejectAll());
  }

  /**
   * Resolves when the worker is logged in.
   *
   * @throws Pkcs11Failure as the worker reports; `unavailable`: it ended, or did not answer in time
   */
  start(uri: TokenUri, { timeoutMs, beforeLogin }: { timeoutMs: number; beforeLogin: () => void }): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(ended()), timeoutMs);
      const finish = (failure: Pkcs11Failure | null) => {
        clearTimeout(timer);
        this.#child.off("exit", onExit).off("message", onMessage);
        if (failure === null) return resolve();
        this.kill();
        reject(failure);
      };
      const onExit = () => finish(ended());
      const onMessage = (message: FromWorker) => {
        if (!("state" in message)) return;
        if (message.state === "logging_in") return beforeLogin();
        if (message.state === "failed") return finish(new Pkcs11Failure(message.failure.kind, message.failure.reason));
        this.capabilities = message.capabilities;
        finish(null);
      };
      this.#child.on("exit", onExit).on("message", onMessage);
      this.#send({ start: uri, capabilities: this.capabilities });
    });
  }

  /**
   * Runs an operation in the worker. A worker that does not answer in time is ended.
   *
   * @throws Pkcs11Failure as the worker reports; `unavailable`: it ended
   */
  call(operation: Operation, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const callId = ++this.#lastCallId;
      this.#calls.set(callId, { resolve, reject, timer: setTimeout(() => this.kill(), timeoutMs) });
      this.#send({ callId, operation });
    });
  }

  get pendingCalls(): number {
    return this.#calls.size;
  }

  onExit(listener: () => void): void {
    this.#child.once("exit", listener);
  }

  /** Ends the process when its pending calls are answered. */
  retire(): void {
    this.#isRetired = true;
    if (this.#calls.size === 0) this.kill();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #send(message: ToWorker): void {
    this.#child.send(message, (error) => {
      if (error !== null) this.#rejectAll();
    });
  }

  #complete(message: Extract<FromWorker, { callId: number }>): void {
    const call = this.#calls.get(message.callId);
    this.#calls.delete(message.callId);
    clearTimeout(call?.timer);
    if ("answer" in message) call?.resolve(message.answer);
    else call?.reject(new Pkcs11Failure(message.failure.kind, message.failure.reason));
    if (this.#isRetired) this.retire();
  }

  #rejectAll(): void {
    for (const { reject, timer } of this.#calls.values()) {
      clearTimeout(timer);
      reject(ended());
    }
    this.#calls.clear();
  }
}

function ended(): Pkcs11Failure {
  return new Pkcs11Failure("unavailable", "the process of the PKCS#11 module ended, or did not answer in time");
}

const workerPath = fileURLToPath(import.meta.resolve("#pkcs11-worker"));
