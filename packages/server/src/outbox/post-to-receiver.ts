import { utf8 } from "@linchpin/core";
import type { ClaimedEntry } from "@linchpin/store";
import type { Context, DeliveryFailure } from "../context/index.ts";
import { describeFetchFailure } from "./fetch-failure.ts";
import { openMessage } from "./message.ts";
import { messageBody } from "./message-body.ts";
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

/** One attempt to post a message or an event to the operator's receiver. */
export async function postToReceiver(
  context: Context,
  receivers: Receivers,
  entry: ClaimedEntry,
): Promise<DeliveryFailure | null> {
  const receiver = entry.topic === "webhook" ? null : receivers[entry.topic];
  // A topic that nobody receives is done with.
  if (receiver === null) return null;
  let status: number;
  try {
    status = await post(context, receiver, receivers.timeoutMs, entry);
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
