/**
 * First keys that a server starts without, because they take seconds to make. Each is made once; everything that needs
 * one waits until it is made and published.
 */
export class LateKeys {
  readonly #makeFirst: (purpose: string) => Promise<void>;
  /** The purposes whose first key is missing; null: nobody makes it at the moment. */
  readonly #missing = new Map<string, Promise<void> | null>();

  constructor(makeFirst: (purpose: string) => Promise<void>) {
    this.#makeFirst = makeFirst;
  }

  /** The first key of this purpose is left for later. */
  leave(purpose: string): void {
    this.#missing.set(purpose, null);
  }

  /** Makes the purpose's first key if it was left for later. Calls at once share one attempt; after a failure the next call tries again. */
  async make(purpose: string): Promise<void> {
    if (this.#missing.has(purpose)) await (this.#missing.get(purpose) ?? this.#begin(purpose));
  }

  async makeAll(): Promise<void> {
    await Promise.all([...this.#missing.keys()].map((purpose) => this.make(purpose)));
  }

  #begin(purpose: string): Promise<void> {
    const attempt = this.#makeFirst(purpose).then(
      () => void this.#missing.delete(purpose),
      (error: unknown) => {
        this.#missing.set(purpose, null);
        throw error;
      },
    );
    this.#missing.set(purpose, attempt);
    return attempt;
  }
}
