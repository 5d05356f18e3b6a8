import { utf8 } from "@linchpin/core";
import type { ClaimedEntry } from "@linchpin/store";
import type { Context } from "../context/index.ts";
import { describeFetchFailure } from "./fetch-failure.ts";
import { openMessage } from "./message.ts";
import { messageBody } from "./message-body.ts";
import { nextAttemptAt } from "./next-attempt.ts";
import { signDelivery } from "./sign-delivery.ts";

export interface Receiver {
  readonly url: string;
  /** The HMAC secret that this receiver shares with the issuer, and no other receiver knows. */
  readonly secret: string;
}

export interface Receivers {
  readonly message: Receiver | null;
  readonly event: Receiver | null;
  readonly timeoutMs: number;
}

/** Makes one attempt to deliver an entry and records its outcome. Never rejects: an entry that could not be marked is claimed again later. */
export async function deliverEntry(context: Context, receivers: Receivers, entry: ClaimedEntry): Promise<void> {
  try {
    const receiver = receivers[entry.topic];
    // A topic that nobody receives is done with.
    const failure = receiver === null ? null : await attempt(context, receiver, receivers.timeoutMs, entry);
    if (failure === null) await context.store.markDelivered(entry.id, context.clock());
    else await settleFailure(context, entry, failure);
  } catch (error) {
    context.log.error({ err: error, outboxId: entry.id }, "outbox entry not settled");
  }
}

interface Failure {
  readonly reason: string;
  /** The receiver wants no more of it. */
  readonly isFinal: boolean;
}

async function settleFailure(context: Context, entry: ClaimedEntry, { reason, isFinal }: Failure): Promise<void> {
  const at = context.clock();
  const next = isFinal ? null : nextAttemptAt(entry, at);
  await context.store.markFailed(entry.id, { at, nextAttemptAt: next, reason });
  const facts = { outboxId: entry.id, topic: entry.topic, attempts: entry.attempts + 1, reason };
  if (next === null) context.log.error(facts, "outbox entry given up");
  else context.log.warn({ ...facts, nextAttemptAt: next }, "outbox entry not delivered yet");
}

async function attempt(
  context: Context,
  receiver: Receiver,
  timeoutMs: number,
  entry: ClaimedEntry,
): Promise<Failure | null> {
  let status: number;
  try {
    status = await post(context, receiver, timeoutMs, entry);
  } catch (error) {
    return { reason: describeFetchFailure(error), isFinal: false };
  }
  return status >= 200 && status < 300 ? null : { reason: `answered ${status}`, isFinal: status === 410 };
}

/**
 * The body of a message is bytes, wiped here. `fetch` copies it into a buffer of its own, and the socket or TLS below
 * it into theirs; those are the platform's and live until it lets go of them.
 */
async function post(
  context: Context,
  { url, secret }: Receiver,
  timeoutMs: number,
  entry: ClaimedEntry,
): Promise<number> {
  const body = await bodyOf(context, entry);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "linchpin-delivery-id": entry.id,
        "linchpin-signature": signDelivery(secret, body, context.clock()),
      },
      body,
      // Elsewhere is somewhere the operator did not name.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } finally {
    body.fill(0);
  }
}

async function bodyOf(context: Context, entry: ClaimedEntry): Promise<Uint8Array<ArrayBuffer>> {
  if (entry.payload !== null) return utf8(entry.payload);
  const text = await openMessage(context, entry);
  try {
    return messageBody(entry, text);
  } finally {
    text.fill(0);
  }
}
