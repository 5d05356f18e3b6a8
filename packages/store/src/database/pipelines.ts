import type { Pool, PoolClient } from "pg";

/** A connection to which a statement is sent before the statements ahead of it are answered. */
interface Pipeline {
  readonly client: PoolClient;
  /** Statements that are not answered yet. */
  pending: number;
  /** False after an error that may have broken the connection. It is then closed as soon as nothing is pending. */
  isUsable: boolean;
}

/**
 * Runs single statements on pipelined connections. Each statement has a connection to itself as long as there are
 * enough; when all are busy, it is sent on the one with the fewest pending statements. So no statement waits for a
 * connection. A connection with nothing pending is kept for the next statement, because taking one from the pool costs
 * time. A transaction, which needs a connection to itself, gets such a connection, or the next one that becomes idle.
 */
export class Pipelines {
  readonly #pool: Pool;
  readonly #breaksConnection: (error: unknown) => boolean;
  readonly #pipelines = new Map<PoolClient, Pipeline>();

  /** @param breaksConnection whether the connection on which a statement failed with this error must be closed */
  constructor(pool: Pool, breaksConnection: (error: unknown) => boolean) {
    this.#pool = pool;
    this.#breaksConnection = breaksConnection;
    // Without a listener, the `error` event of a lost connection would end the process.
    pool.on("connect", (client) => client.on("error", () => this.#drop(client)));
  }

  /** Runs `work` on a connection. Rejects as `work` does, or as the pool does. */
  async run<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const pipeline = this.#join() ?? (await this.#open());
    try {
      return await work(pipeline.client);
    } catch (error) {
      if (this.#breaksConnection(error)) pipeline.isUsable = false;
      throw error;
    } finally {
      pipeline.pending--;
      if (!pipeline.isUsable || this.#pool.waitingCount > 0 || this.#pool.ending) this.#releaseIfIdle(pipeline);
    }
  }

  /** Gives the idle connections back to the pool. */
  releaseIdle(): void {
    for (const pipeline of this.#pipelines.values()) this.#releaseIfIdle(pipeline);
  }

  /**
   * An idle connection or, when the pool can open no more, the one with the fewest pending statements. None while a
   * transaction waits for a connection: busy connections then become idle, and go to it.
   */
  #join(): Pipeline | undefined {
    const { waitingCount, idleCount, totalCount, options } = this.#pool;
    if (waitingCount > 0) return undefined;
    const isFull = idleCount === 0 && totalCount >= options.max;
    let best: Pipeline | undefined;
    for (const pipeline of this.#pipelines.values())
      if (pipeline.isUsable && pipeline.pending < (best?.pending ?? (isFull ? Number.POSITIVE_INFINITY : 1)))
        best = pipeline;
    if (best !== undefined) best.pending++;
    return best;
  }

  async #open(): Promise<Pipeline> {
    const client = await this.#pool.connect();
    const pipeline = { client, pending: 1, isUsable: true };
    this.#pipelines.set(client, pipeline);
    return pipeline;
  }

  #drop(client: PoolClient): void {
    const pipeline = this.#pipelines.get(client);
    if (pipeline === undefined) return;
    pipeline.isUsable = false;
    this.#releaseIfIdle(pipeline);
  }

  #releaseIfIdle({ client, pending, isUsable }: Pipeline): void {
    if (pending === 0 && this.#pipelines.delete(client)) client.release(!isUsable);
  }
}
