import { LinchpinError } from "@linchpin/core";
import { type WebhookRequest, webhookSubscriptionEvent } from "@linchpin/protocols/solaris/wire";
import type { Webhook } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { makeHexId } from "../../../identifiers.ts";
import { sealSecret } from "../../../keys/index.ts";
import { describeFetchFailure } from "../../../outbox/index.ts";
import { solarisAudit } from "../audit.ts";
import { type AllowedHost, allowedUrl } from "./allowed-hosts.ts";
import { postWebhook } from "./post-webhook.ts";

/** Every change of a card's state is written once for each webhook of its partner. */
const maxWebhooks = 10;

/** How long the URL may take to answer before the partner's own request is answered. */
export const subscriptionTimeoutMs = 10_000;

/**
 * Subscribes a partner to an event, once its URL answered 2xx to an empty POST.
 * @returns the webhook and its HMAC secret, which no later answer contains
 * @throws LinchpinError `request_invalid`, for `url`: it is at no host that the operator allows, or did not answer 2xx;
 *   without a field: the partner has as many webhooks as are allowed
 */
export async function makeWebhook(
  context: Context,
  caller: PartnerCaller,
  { event_type: eventType, url: text }: WebhookRequest,
  hosts: readonly AllowedHost[],
): Promise<{ webhook: Webhook; secret: string }> {
  const [id, secret] = [makeHexId(), makeHexId()];
  const facts = auditFacts(solarisAudit["solaris.webhooks.make"], caller, { eventType });
  const subject = { id: caller.partnerId };
  return auditingRefusal(context, subject, facts, async () => {
    const url = allowedUrl(text, hosts);
    if (url === null)
      throw refusal("it must be https, on loopback http or https, at a host that LINCHPIN_SOLARIS_WEBHOOK_HOSTS names");
    await checkThatItAnswers(url);
    const webhook: Webhook = {
      id,
      protocol: "solaris",
      partnerId: caller.partnerId,
      eventType,
      url: text,
      sealedSecret: await sealSecret(context, id, secret),
      createdAt: context.clock(),
    };
    const audit = auditDone(context, subject, facts.with({ webhookId: id, host: url.host }));
    const result = await context.store.addWebhook(webhook, maxWebhooks, { audit, outbox: [] });
    if (result !== "added")
      throw new LinchpinError("request_invalid", { reason: `a partner has at most ${maxWebhooks} webhooks` });
    return { webhook, secret };
  });
}

async function checkThatItAnswers(url: URL): Promise<void> {
  const headers = { "solaris-webhook-event-type": webhookSubscriptionEvent };
  const signal = AbortSignal.timeout(subscriptionTimeoutMs);
  const status = await postWebhook(url, { headers, body: new Uint8Array(0), signal }).catch((error: unknown) => {
    throw refusal(describeFetchFailure(error));
  });
  if (status < 200 || status >= 300) throw refusal(`it must answer 2xx and answered ${status}`);
}

function refusal(reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field: "url", reason });
}
