import type { Handle } from "pkcs11js";

/** Sessions of a token, each with one operation at a time. */
export class SessionPool {
  readonly #open: () => Handle;
  readonly #close: (session: Handle) => void;
  readonly #free: Handle[] = [];
  readonly #waiting: (() => void)[] = [];
  #unclaimed: number;

  constructor({ open, close, atMost }: { open: () => Handle; close: (session: Handle) => void; atMost: number }) {
    this.#open = open;
    this.#close = close;
    this.#unclaimed = atMost;
  }

  /** A session in which something failed is closed: modules differ in whether an operation is then still under way. */
  async use<Result>(work: (session: Handle) => Promise<Result>): Promise<Result> {
    await this.#claim();
    try {
      const session = this.#free.pop() ?? this.#open();
      try {
        const result = await work(session);
        this.#free.push(session);
        return result;
      } catch (error) {
        this.#discard(session);
        throw error;
      }
    } finally {
      this.#release();
    }
  }

  async #claim(): Promise<void> {
    if (this.#unclaimed > 0) this.#unclaimed -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#unclaimed += 1;
    else next();
  }

  #discard(session: Handle): void {
    try {
      this.#close(session);
    } catch {
      // It is gone already.
    }
  }
}
