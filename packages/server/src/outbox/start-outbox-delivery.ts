import type { Context } from "../context/index.ts";
import { pause } from "../pause.ts";
import type { Settings } from "../settings/index.ts";
import { deliverEntry, type Receiver, type Receivers } from "./deliver-entry.ts";

/** How long an entry stays with the server that claimed it: longer than an attempt takes. */
const claimMs = 30_000;
const maxUnderWay = 32;
const defaultTimeoutMs = 10_000;

type ReceiverSettings = Pick<Settings, "messagesUrl" | "outboxSecret" | "eventsUrl" | "eventsSecret">;

/**
 * Posts what waits in the outbox to the operator's URLs, each entry at least once, those of one ordering key one after
 * the other. Any number of servers may do so at once: an entry belongs to whoever claimed it until the claim runs out,
 * and only the oldest of an ordering key can be claimed. Without URLs nothing is touched.
 */
export function startOutboxDelivery(
  context: Context,
  settings: ReceiverSettings,
  { pollMs = 500, timeoutMs = defaultTimeoutMs }: { pollMs?: number; timeoutMs?: number } = {},
): { stop(): Promise<void> } {
  const receivers = receiversOf(settings, timeoutMs);
  if (receivers.message === null && receivers.event === null) return { stop: async () => {} };
  const stopping = new AbortController();
  const running = deliverUntil(stopping.signal, context, receivers, pollMs);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

/** Delivers once what is due by the context's clock. What fails is due again later. */
export async function deliverDue(context: Context, settings: ReceiverSettings): Promise<void> {
  const receivers = receiversOf(settings, defaultTimeoutMs);
  if (receivers.message === null && receivers.event === null) return;
  let entries: Awaited<ReturnType<typeof claimEntries>>;
  do {
    entries = await claimEntries(context, maxUnderWay);
    await Promise.all(entries.map((entry) => deliverEntry(context, receivers, entry)));
  } while (entries.length > 0);
}

function receiversOf(settings: ReceiverSettings, timeoutMs: number): Receivers {
  const { messagesUrl, outboxSecret, eventsUrl, eventsSecret } = settings;
  return {
    message: receiverOf(messagesUrl, outboxSecret),
    event: receiverOf(eventsUrl, eventsSecret),
    timeoutMs,
  };
}

/** Settings with a URL have its secret. */
function receiverOf(url: string | null, secret: string | null): Receiver | null {
  return url === null || secret === null ? null : { url, secret };
}

/** Delivers until `signal` is aborted; a delivery in progress is finished. */
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
