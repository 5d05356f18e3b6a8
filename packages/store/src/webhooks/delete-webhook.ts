import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function deleteWebhook(
  database: Queryable,
  id: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"deleted" | "unknown"> {
  return queryResult(database, sql, [id, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with deleted as (delete from webhooks where id = $1 returning id),
due as materialized (select 1 as number, $2::jsonb as audit_and_outbox from deleted),
${writeAuditAndOutbox}
select case when exists (select from deleted) then 'deleted' else 'unknown' end as result`;
