import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import { mayBeSet } from "./may-be-set.ts";

export function verifyMobileNumber(
  database: Queryable,
  personId: string,
  numberId: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"verified" | "unknown" | "not_allowed"> {
  return queryResult(database, sql, [personId, numberId, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with unverified as (
  select id, ${mayBeSet("mobile_numbers")} as permitted
  from mobile_numbers
  where person_id = $1 and id = $2 and not verified
  for no key update
),
verified as (
  update mobile_numbers set verified = true
  from unverified
  where mobile_numbers.id = unverified.id and permitted
  returning mobile_numbers.id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from verified),
${writeAuditAndOutbox}
select case
  when exists (select from verified) then 'verified'
  when exists (select from unverified) then 'not_allowed'
  else 'unknown'
end as result`;
