import type { Queryable } from "../../database/index.ts";
import type { AuditAndOutbox } from "../../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../../statements/index.ts";

export function revokeCredential(
  database: Queryable,
  { partnerId, clientId }: { partnerId: string; clientId: string },
  at: Date,
  auditAndOutbox: AuditAndOutbox,
): Promise<"revoked" | "unknown"> {
  return queryResult(database, sql, [partnerId, clientId, at, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with revoked as (
  update credentials set revoked_at = $3 where client_id = $2 and partner_id = $1 and revoked_at is null returning client_id
),
ended as (
  delete from access_tokens using revoked where access_tokens.client_id = revoked.client_id
),
due as materialized (select 1 as number, $4::jsonb as audit_and_outbox from revoked),
${writeAuditAndOutbox}
select case when exists (select from revoked) then 'revoked' else 'unknown' end as result`;
