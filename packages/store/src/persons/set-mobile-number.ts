import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, MobileNumber } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function setMobileNumber(
  database: Queryable,
  personId: string,
  { id, number, verified }: MobileNumber,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "verified_exists"> {
  return queryResult(database, sql, [personId, id, number, verified, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with written as (
  insert into mobile_numbers (person_id, id, number, verified) values ($1, $2, $3, $4)
  on conflict (person_id) do update
    set id = excluded.id, number = excluded.number, verified = excluded.verified
    where excluded.verified or not mobile_numbers.verified
  returning id
),
due as materialized (select 1 as number, $5::jsonb as audit_and_outbox from written),
${writeAuditAndOutbox}
select case when exists (select from written) then 'set' else 'verified_exists' end as result`;
