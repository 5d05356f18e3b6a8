import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { Webhook } from "./records.ts";

export function addWebhook(
  database: Database,
  { id, protocol, partnerId, eventType, url, sealedSecret, createdAt }: Webhook,
  maxWebhooks: number,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "too_many" | "partner_unknown"> {
  // Two statements, because a statement that waits for a lock counts the rows as they were before it waited.
  return database.transaction(async (transaction) => {
    await transaction.query(lockPartner, [partnerId]);
    return queryResult(transaction, sql, [
      id,
      protocol,
      partnerId,
      eventType,
      url,
      sealedSecret.keyId,
      sealedSecret.bytes,
      createdAt,
      maxWebhooks,
      auditAndOutboxJson(auditAndOutbox),
    ]);
  });
}

const lockPartner = "select from partners where id = $1 for no key update";

const sql = `
with partner as (select id from partners where id = $3),
added as (
  insert into webhooks (id, protocol, partner_id, event_type, url, secret_key_id, secret_sealed, created_at)
  select $1, $2, partner.id, $4, $5, $6, $7::bytea, $8::timestamptz from partner
  where (select count(*) from webhooks where partner_id = $3 and protocol = $2) < $9
  returning id
),
due as materialized (select 1 as number, $10::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when exists (select from partner) then 'too_many'
  else 'partner_unknown'
end as result`;
