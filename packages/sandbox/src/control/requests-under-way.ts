import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyReply } from "fastify";

/** The requests that have begun, and whose answer is not out. */
export class RequestsUnderWay {
  readonly #replies = new Set<FastifyReply>();
  #onNone: () => void = () => {};

  /** Until the answer is out or its connection is gone. */
  add(reply: FastifyReply): void {
    if (reply.raw.destroyed) return; // gone while it waited: no further event will tell
    this.#replies.add(reply);
    reply.raw.once("close", () => {
      this.#replies.delete(reply);
      if (this.#replies.size === 0) this.#onNone();
    });
  }

  /** Resolves when there is none, and after `maxMs` in any case. */
  async untilNone(maxMs: number): Promise<void> {
    if (this.#replies.size === 0) return;
    const none = new Promise<void>((resolve) => {
      this.#onNone = resolve;
    });
    await Promise.race([none, sleep(maxMs, undefined, { ref: false })]);
  }
}
