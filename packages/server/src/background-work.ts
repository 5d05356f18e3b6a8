import type { Context } from "./context/index.ts";
import { resealDue, runMaintenance, startMaintenance } from "./maintenance.ts";
import { deliverDue, startOutboxDelivery } from "./outbox/index.ts";
import type { Settings } from "./settings/index.ts";

/** What runs beside the requests: maintenance, re-encryption and the delivery of the outbox. */
export class BackgroundWork {
  readonly #context: Context;
  readonly #settings: Settings;
  #running: readonly { stop(): Promise<void> }[] = [];

  constructor(context: Context, settings: Settings) {
    this.#context = context;
    this.#settings = settings;
  }

  start(): void {
    const { mode } = this.#settings;
    this.#running = [startOutboxDelivery(this.#context, this.#settings), startMaintenance(this.#context, mode)];
  }

  /** Resolves when what was under way has ended. */
  async stop(): Promise<void> {
    await Promise.all(this.#running.map((work) => work.stop()));
    this.#running = [];
  }

  /** Does once what is due by the context's clock, without waiting for the next round. For a clock that was advanced. */
  async runNow(): Promise<void> {
    await runMaintenance(this.#context, this.#settings.mode);
    await resealDue(this.#context);
    await deliverDue(this.#context, this.#settings);
  }

  /** Runs `work` while nothing runs in the background. */
  async pauseDuring(work: () => Promise<void>): Promise<void> {
    const isRunning = this.#running.length > 0;
    await this.stop();
    try {
      await work();
    } finally {
      if (isRunning) this.start();
    }
  }
}
