import { LinchpinError } from "@linchpin/core";
import type { Webhook } from "@linchpin/store";
import type { Context, PartnerCaller } from "../../../context/index.ts";

/** A webhook of this partner's in this protocol. @throws LinchpinError `not_found` */
export async function findOwnWebhook(context: Context, caller: PartnerCaller, id: string): Promise<Webhook> {
  const webhook = await context.store.findWebhook(id);
  if (webhook === null || webhook.partnerId !== caller.partnerId || webhook.protocol !== "solaris")
    throw new LinchpinError("not_found");
  return webhook;
}
