import type { Handle } from "pkcs11js";

/** The sessions of a token. A session runs one operation at a time; a call waits until one is free. */
export class SessionPool {
  readonly #open: () => Handle;
  readonly #close: (session: Handle) => void;
  readonly #free: Handle[] = [];
  readonly #waiting: (() => void)[] = [];
  #available: number;

  constructor({
    open,
    close,
    maxSessions,
  }: { open: () => Handle; close: (session: Handle) => void; maxSessions: number }) {
    this.#open = open;
    this.#close = close;
    this.#available = maxSessions;
  }

  /**
   * Runs `work` in a session. A session in which it fails is closed, because modules differ in whether an operation is
   * still active then.
   */
  async use<Result>(work: (session: Handle) => Promise<Result>): Promise<Result> {
    await this.#acquire();
    try {
      const session = this.#free.pop() ?? this.#open();
      try {
        const result = await work(session);
        this.#free.push(session);
        return result;
      } catch (error) {
        this.#closeQuietly(session);
        throw error;
      }
    } finally {
      this.#release();
    }
  }

  async #acquire(): Promise<void> {
    if (this.#available > 0) this.#available -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#available += 1;
    else next();
  }

  #closeQuietly(session: Handle): void {
    try {
      this.#close(session);
    } catch {
      // The session is closed already.
    }
  }
}
