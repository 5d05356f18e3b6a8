import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Capabilities } from "./capabilities.ts";
import { Pkcs11Failure } from "./pkcs11-failure.ts";
import type { TokenUri } from "./token-uri.ts";
import type { Answer, FromWorker, Operation, ToWorker } from "./worker-messages.ts";

interface Call {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: Pkcs11Failure) => void;
  readonly timer: NodeJS.Timeout;
}

/** A process that holds the PKCS#11 module, so that a crash in there ends nothing else. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Call>();
  #lastCallId = 0;
  #isRetired = false;
  capabilities: Capabilities | null;

  constructor(capabilities: Capabilities | null) {
    this.capabilities = capabilities;
    this.#child = fork(workerPath, {
      // What the module has no business with: the database's password, the master key.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LINCHPIN_"))),
      execArgv: process.execArgv.filter((argument) => argument.startsWith("--conditions")),
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (message: FromWorker) => {
      if ("callId" in message) this.#settle(message);
    });
    this.#child.on("error", () => this.#rejectAll());
    this.#child.once("exit", () => this.#rejectAll());
  }

  /** Resolves when it is logged in. @throws Pkcs11Failure as the worker says; `unavailable` when it ends or hangs */
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
      this.#tell({ start: uri, capabilities: this.capabilities });
    });
  }

  /** @throws Pkcs11Failure as the worker says; `unavailable` when it ends, or gives no answer in time and so is ended */
  ask(operation: Operation, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const callId = ++this.#lastCallId;
      this.#calls.set(callId, { resolve, reject, timer: setTimeout(() => this.kill(), timeoutMs) });
      this.#tell({ callId, operation });
    });
  }

  get callsUnderWay(): number {
    return this.#calls.size;
  }

  onExit(listener: () => void): void {
    this.#child.once("exit", listener);
  }

  /** Ends when the calls under way have their answers. */
  retire(): void {
    this.#isRetired = true;
    if (this.#calls.size === 0) this.kill();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #tell(message: ToWorker): void {
    this.#child.send(message, (error) => {
      if (error !== null) this.#rejectAll();
    });
  }

  #settle(message: Extract<FromWorker, { callId: number }>): void {
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

const workerPath = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
