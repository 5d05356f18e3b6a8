import type { Queryable } from "../database/index.ts";
import { queryWebhooks } from "./find-webhook.ts";
import type { Webhook } from "./records.ts";

export function listWebhooks(database: Queryable, protocol: string, partnerId: string): Promise<Webhook[]> {
  const which = "where protocol = $1 and partner_id = $2 order by created_at, id";
  return queryWebhooks(database, which, [protocol, partnerId]);
}
