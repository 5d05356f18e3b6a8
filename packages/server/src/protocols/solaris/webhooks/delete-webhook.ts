import { LinchpinError } from "@linchpin/core";
import type { Webhook } from "@linchpin/store";
import { auditDone, auditFacts, systemCaller } from "../../../audit/index.ts";
import type { Context, PartnerCaller } from "../../../context/index.ts";
import { solarisAudit } from "../audit.ts";
import { findOwnWebhook } from "./find-webhook.ts";

/** Deletes a partner's webhook. Notifications that were not delivered are lost. @throws LinchpinError `not_found` */
export async function deleteWebhook(context: Context, caller: PartnerCaller, id: string): Promise<void> {
  const { partnerId, id: webhookId } = await findOwnWebhook(context, caller, id);
  const facts = auditFacts(solarisAudit["solaris.webhooks.delete"], caller, { webhookId });
  const audit = auditDone(context, { id: partnerId }, facts);
  const result = await context.store.deleteWebhook(webhookId, { audit, outbox: [] });
  if (result === "unknown") throw new LinchpinError("not_found");
}

/** Deletes a webhook whose URL answered that it wants no more. */
export async function cancelWebhook(context: Context, { id: webhookId, partnerId }: Webhook): Promise<void> {
  const facts = auditFacts(solarisAudit["solaris.webhooks.cancel"], systemCaller, { webhookId });
  await context.store.deleteWebhook(webhookId, { audit: auditDone(context, { id: partnerId }, facts), outbox: [] });
}
