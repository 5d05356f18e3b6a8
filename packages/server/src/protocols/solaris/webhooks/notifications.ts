import { createHmac } from "node:crypto";
import { utf8 } from "@linchpin/core";
import type { Card, CardState, ClaimedEntry, OutboxEntry } from "@linchpin/store";
import { settingsOf } from "../../../cards/index.ts";
import type { Context, DeliveryFailure, Webhooks } from "../../../context/index.ts";
import { makeId } from "../../../identifiers.ts";
import { openSecret } from "../../../keys/index.ts";
import { describeFetchFailure } from "../../../outbox/index.ts";
import { describeCard } from "../cards/describe-card.ts";
import { type AllowedHost, allowedUrl } from "./allowed-hosts.ts";
import { cancelWebhook } from "./delete-webhook.ts";
import { postWebhook } from "./post-webhook.ts";

/** How long a partner's server may take to answer a notification, as the vendor has it. */
const defaultTimeoutMs = 30_000;

/** The notifications that Solaris' partners receive about their cards. `hosts`: those that the operator allows now. */
export function solarisWebhooksOf(hosts: readonly AllowedHost[], timeoutMs = defaultTimeoutMs): Webhooks {
  return {
    cardStateChanged,
    deliver: (context, entry, stopping) =>
      deliverNotification(context, entry, hosts, AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)])),
  };
}

/**
 * `CARD_LIFECYCLE_EVENT`, once for each webhook, of a card that the protocol knows. Those of one card and webhook are
 * delivered in order.
 */
async function cardStateChanged(context: Context, card: Card, state: CardState): Promise<OutboxEntry[]> {
  if (settingsOf(card.program).nativeOnly) return [];
  const webhooks = await context.store.listWebhooks("solaris", card.partnerId);
  const subscribed = webhooks.filter(({ eventType }) => eventType === "CARD_LIFECYCLE_EVENT");
  if (subscribed.length === 0 || card.names["solaris"] === undefined) return [];
  const payload = JSON.stringify(describeCard({ ...card, state }, await context.store.findOrderDetails(card.id)));
  return subscribed.map(({ id }) => ({
    id: makeId(),
    orderingKey: `${id}:${card.id}`,
    topic: "webhook",
    recipient: id,
    channel: "solaris",
    payload,
    sealedText: null,
    createdAt: context.clock(),
  }));
}

/** 422: the notification is not sent again. 410: the webhook is deleted. Every other failure is tried again later. */
async function deliverNotification(
  context: Context,
  entry: ClaimedEntry,
  hosts: readonly AllowedHost[],
  signal: AbortSignal,
): Promise<DeliveryFailure | null> {
  const webhook = await context.store.findWebhook(entry.recipient ?? "");
  if (webhook === null) return null;
  const url = allowedUrl(webhook.url, hosts);
  if (url === null) return { reason: "the operator does not allow its host", isFinal: true };
  const payload = entry.payload ?? "";
  const body = utf8(payload);
  const secret = await openSecret(context, webhook.id, webhook.sealedSecret);
  const headers = {
    "content-type": "application/json",
    "solaris-entity-id": String(JSON.parse(payload).id),
    "solaris-webhook-attempt": String(entry.attempts + 1),
    "solaris-webhook-event-type": webhook.eventType,
    "solaris-webhook-id": entry.id,
    "solaris-webhook-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    "solaris-webhook-subscription-id": webhook.id,
  };
  let status: number;
  try {
    status = await postWebhook(url, { headers, body, signal });
  } catch (error) {
    return { reason: describeFetchFailure(error), isFinal: false };
  }
  if (status >= 200 && status < 300) return null;
  if (status === 410) await cancelWebhook(context, webhook);
  return { reason: `answered ${status}`, isFinal: status === 410 || status === 422 };
}
