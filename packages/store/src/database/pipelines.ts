import type { Pool, PoolClient } from "pg";

/** A connection on which each statement is sent before those ahead of it are answered. */
interface Pipeline {
  readonly client: PoolClient;
  underWay: number;
  isSound: boolean;
}

/**
 * Runs statements that stand alone: each on a connection of its own while there are enough, and when all are busy, behind
 * others on the one with the fewest. So no statement waits for a connection, and none pays for looking for one: what has
 * run dry is kept for the next. Whoever needs a connection to itself has one of those, or the next that runs dry.
 */
export class Pipelines {
  readonly #pool: Pool;
  readonly #breaks: (error: unknown) => boolean;
  readonly #pipelines = new Map<PoolClient, Pipeline>();

  /** `breaks` tells which errors leave a connection unsound. */
  constructor(pool: Pool, breaks: (error: unknown) => boolean) {
    this.#pool = pool;
    this.#breaks = breaks;
    // Without a listener it would end the process besides.
    pool.on("connect", (client) => client.on("error", () => this.#drop(client)));
  }

  /** Rejects as `work` does, or as the pool does. */
  async run<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const pipeline = this.#join() ?? (await this.#open());
    try {
      return await work(pipeline.client);
    } catch (error) {
      if (this.#breaks(error)) pipeline.isSound = false;
      throw error;
    } finally {
      pipeline.underWay--;
      if (!pipeline.isSound || this.#pool.waitingCount > 0 || this.#pool.ending) this.#returnIfDry(pipeline);
    }
  }

  /** Gives the pool back what is dry. */
  returnDry(): void {
    for (const pipeline of this.#pipelines.values()) this.#returnIfDry(pipeline);
  }

  /** One that is dry; where no more can be had, the least busy. None where somebody waits for a connection. */
  #join(): Pipeline | undefined {
    const { waitingCount, idleCount, totalCount, options } = this.#pool;
    if (waitingCount > 0) return undefined;
    const isFull = idleCount === 0 && totalCount >= options.max;
    let best: Pipeline | undefined;
    for (const pipeline of this.#pipelines.values())
      if (pipeline.isSound && pipeline.underWay < (best?.underWay ?? (isFull ? Number.POSITIVE_INFINITY : 1)))
        best = pipeline;
    if (best !== undefined) best.underWay++;
    return best;
  }

  async #open(): Promise<Pipeline> {
    const client = await this.#pool.connect();
    const pipeline = { client, underWay: 1, isSound: true };
    this.#pipelines.set(client, pipeline);
    return pipeline;
  }

  #drop(client: PoolClient): void {
    const pipeline = this.#pipelines.get(client);
    if (pipeline === undefined) return;
    pipeline.isSound = false;
    this.#returnIfDry(pipeline);
  }

  #returnIfDry({ client, underWay, isSound }: Pipeline): void {
    if (underWay === 0 && this.#pipelines.delete(client)) client.release(!isSound);
  }
}
