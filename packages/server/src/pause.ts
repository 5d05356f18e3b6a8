import { setTimeout } from "node:timers/promises";

/** Waits, at most until `signal` is aborted. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await setTimeout(durationMs, undefined, { signal }).catch(() => {});
}
