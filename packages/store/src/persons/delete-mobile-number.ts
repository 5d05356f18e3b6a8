import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function deleteMobileNumber(
  database: Queryable,
  personId: string,
  numberId: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"deleted" | "unknown"> {
  return queryResult(database, sql, [personId, numberId, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with deleted as (
  delete from mobile_numbers where person_id = $1 and id = $2 returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from deleted),
${writeAuditAndOutbox}
select case when exists (select from deleted) then 'deleted' else 'unknown' end as result`;
