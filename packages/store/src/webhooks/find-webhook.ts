import type { Queryable } from "../database/index.ts";
import type { Webhook } from "./records.ts";

export async function findWebhook(database: Queryable, id: string): Promise<Webhook | null> {
  return (await queryWebhooks(database, "where id = $1", [id]))[0] ?? null;
}

export async function queryWebhooks(
  database: Queryable,
  which: string,
  parameters: readonly unknown[],
): Promise<Webhook[]> {
  const rows = await database.query<WebhookRow>(`select ${columns} from webhooks ${which}`, parameters);
  return rows.map(({ secretKeyId: keyId, secretBytes: bytes, ...webhook }) => ({
    ...webhook,
    sealedSecret: { keyId, bytes },
  }));
}

interface WebhookRow extends Omit<Webhook, "sealedSecret"> {
  readonly secretKeyId: string;
  readonly secretBytes: Uint8Array;
}

const columns = `
  id, protocol, partner_id as "partnerId", event_type as "eventType", url, secret_key_id as "secretKeyId",
  secret_sealed as "secretBytes", created_at as "createdAt"`;
