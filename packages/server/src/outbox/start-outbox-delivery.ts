import type { OutboxEntry } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { pause } from "../pause.ts";
import type { Settings } from "../settings/index.ts";
import { type Attempt, deliverEntry } from "./deliver-entry.ts";
import { postToReceiver, type Receiver, type Receivers } from "./post-to-receiver.ts";

const maxUnderWay = 32;
/** For a receiver to answer one message or event. */
export const deliveryTimeoutMs = 10_000;

/** What one loop delivers. */
interface Deliveries {
  readonly topics: readonly OutboxEntry["topic"][];
  /** How long an entry stays with the server that claimed it: longer than an attempt takes. */
  readonly claimMs: number;
  readonly attempt: Attempt;
}

type ReceiverSettings = Pick<Settings, "messagesUrl" | "outboxSecret" | "eventsUrl" | "eventsSecret">;

/**
 * Posts what waits in the outbox, each entry at least once, those of one ordering key one after the other: messages and
 * events to the operator's URLs, notifications of webhooks to partners' URLs. Any number of servers may do so at once: an
 * entry belongs to whoever claimed it until the claim runs out, and only the oldest of an ordering key can be claimed.
 * Webhooks have a loop of their own, so that a partner whose server hangs delays no OTP. Entries of a topic that has
 * no loop are not touched.
 */
export function startOutboxDelivery(
  context: Context,
  settings: ReceiverSettings,
  { pollMs = 500, timeoutMs = deliveryTimeoutMs }: { pollMs?: number; timeoutMs?: number } = {},
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loops = deliveriesOf(context, settings, timeoutMs);
  const running = Promise.all(loops.map((loop) => deliverUntil(stopping.signal, context, loop, pollMs)));
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

/** Delivers once what is due by the context's clock. What fails is due again later. */
export async function deliverDue(context: Context, settings: ReceiverSettings): Promise<void> {
  await Promise.all(
    deliveriesOf(context, settings, deliveryTimeoutMs).map((deliveries) => deliverOnce(context, deliveries)),
  );
}

async function deliverOnce(context: Context, deliveries: Deliveries): Promise<void> {
  const never = new AbortController().signal;
  let entries: Awaited<ReturnType<typeof claimEntries>>;
  do {
    entries = await claimEntries(context, deliveries, maxUnderWay);
    await Promise.all(entries.map((entry) => deliverEntry(context, deliveries.attempt, entry, never)));
  } while (entries.length > 0);
}

function deliveriesOf(context: Context, settings: ReceiverSettings, timeoutMs: number): Deliveries[] {
  return [...toReceivers(context, receiversOf(settings, timeoutMs)), ...toWebhooks(context)];
}

function toReceivers(context: Context, receivers: Receivers): Deliveries[] {
  if (receivers.message === null && receivers.event === null) return [];
  const attempt: Attempt = (entry) => postToReceiver(context, receivers, entry);
  return [{ topics: ["message", "event"], claimMs: 30_000, attempt }];
}

function toWebhooks(context: Context): Deliveries[] {
  if (Object.keys(context.webhooks).length === 0) return [];
  const attempt: Attempt = async (entry, stopping) => {
    const webhooks = context.webhooks[entry.channel ?? ""];
    return webhooks === undefined
      ? { reason: "its protocol has no webhooks any more", isFinal: true }
      : webhooks.deliver(context, entry, stopping);
  };
  return [{ topics: ["webhook"], claimMs: 60_000, attempt }];
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

/** Delivers until `signal` is aborted; a message or event in progress is finished, a notification is made again later. */
async function deliverUntil(
  signal: AbortSignal,
  context: Context,
  deliveries: Deliveries,
  pollMs: number,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  while (!signal.aborted) {
    for (const entry of await claimEntries(context, deliveries, maxUnderWay - underWay.size)) {
      const delivery: Promise<void> = deliverEntry(context, deliveries.attempt, entry, signal).finally(() =>
        underWay.delete(delivery),
      );
      underWay.add(delivery);
    }
    // The end of one lets the next of its ordering key go.
    await Promise.race([pause(pollMs, signal), ...underWay]);
  }
  await Promise.all(underWay);
}

async function claimEntries(context: Context, { topics, claimMs }: Deliveries, limit: number) {
  if (limit === 0) return [];
  const at = context.clock();
  try {
    const claimedUntil = new Date(at.getTime() + claimMs);
    return await context.store.claimOutboxEntries({ at, claimedUntil, limit, topics });
  } catch (error) {
    context.log.error({ err: error }, "outbox not read");
    return [];
  }
}
