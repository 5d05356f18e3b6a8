import type { Queryable } from "../../database/index.ts";
import type { AuditAndOutbox } from "../../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../../statements/index.ts";
import type { Credential } from "../records.ts";

export function addCredential(
  database: Queryable,
  { clientId, kind, partnerId, secretHash, roles, createdAt }: Credential,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "exists" | "partner_unknown"> {
  const parameters = [clientId, kind, partnerId, secretHash, [...roles], createdAt, auditAndOutboxJson(auditAndOutbox)];
  return queryResult(database, sql, parameters);
}

const sql = `
with partner as (select id from partners where id = $3),
added as (
  insert into credentials (client_id, kind, partner_id, secret_hash, roles, created_at)
  select $1, $2, partner.id, $4::bytea, $5::text[], $6::timestamptz from partner
  on conflict do nothing
  returning client_id
),
due as materialized (select 1 as number, $7::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when exists (select from partner) then 'exists'
  else 'partner_unknown'
end as result`;
