import type { Context } from "../context/index.ts";
import { pause } from "../pause.ts";
import type { Settings } from "../settings.ts";
import { deliverEntry, type Receivers } from "./deliver-entry.ts";

/** How long an entry stays with the server that claimed it: longer than an attempt takes. */
const claimMs = 30_000;
const maxUnderWay = 32;

/**
 * Posts what waits in the outbox to the operator's URLs, each entry at least once, those of one ordering key one after
 * the other. Any number of servers may do so at once: an entry belongs to whoever claimed it until the claim runs out,
 * and only the oldest of an ordering key can be claimed. Without URLs nothing is touched.
 */
export function startOutboxDelivery(
  context: Context,
  { messagesUrl, eventsUrl, outboxSecret }: Pick<Settings, "messagesUrl" | "eventsUrl" | "outboxSecret">,
  { pollMs = 500, timeoutMs = 10_000 }: { pollMs?: number; timeoutMs?: number } = {},
): { stop(): Promise<void> } {
  // Settings with a URL have a secret.
  if (outboxSecret === null || (messagesUrl === null && eventsUrl === null)) return { stop: async () => {} };
  const receivers: Receivers = { message: messagesUrl, event: eventsUrl, secret: outboxSecret, timeoutMs };
  const stopping = new AbortController();
  const running = deliverUntil(stopping.signal, context, receivers, pollMs);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** What is under way when `signal` is aborted is finished. */
async function deliverUntil(
  signal: AbortSignal,
  context: Context,
  receivers: Receivers,
  pollMs: number,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  while (!signal.aborted) {
    for (const entry of await claimEntries(context, maxUnderWay - underWay.size)) {
      const delivery: Promise<void> = deliverEntry(context, receivers, entry).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    }
    // The end of one lets the next of its ordering key go.
    await Promise.race([pause(pollMs, signal), ...underWay]);
  }
  await Promise.all(underWay);
}

async function claimEntries(context: Context, limit: number) {
  if (limit === 0) return [];
  const at = context.clock();
  try {
    return await context.store.claimOutboxEntries({ at, claimedUntil: new Date(at.getTime() + claimMs), limit });
  } catch (error) {
    context.log.error({ err: error }, "outbox not read");
    return [];
  }
}
