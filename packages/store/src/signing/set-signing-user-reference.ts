import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function setSigningUserReference(
  database: Queryable,
  userId: string,
  reference: string | null,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "unknown"> {
  return queryResult(database, sql, [userId, reference, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with changed as (
  update signing_users set reference = $2 where id = $1 and deleted_at is null returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from changed),
${writeAuditAndOutbox}
select case when exists (select from changed) then 'set' else 'unknown' end as result`;
