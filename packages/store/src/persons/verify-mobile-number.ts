import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function verifyMobileNumber(
  database: Queryable,
  personId: string,
  numberId: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"verified" | "unknown"> {
  return queryResult(database, sql, [personId, numberId, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with verified as (
  update mobile_numbers set verified = true
  where person_id = $1 and id = $2 and not verified
  returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from verified),
${writeAuditAndOutbox}
select case when exists (select from verified) then 'verified' else 'unknown' end as result`;
