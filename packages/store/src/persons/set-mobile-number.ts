import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, MobileNumber } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import { mayBeSet } from "./may-be-set.ts";

export function setMobileNumber(
  database: Queryable,
  personId: string,
  { id, number, verified, setByOperator }: MobileNumber,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "verified_exists" | "not_allowed"> {
  const parameters = [personId, id, number, verified, setByOperator, auditAndOutboxJson(auditAndOutbox)];
  return queryResult(database, sql, parameters);
}

const sql = `
with given as (select $1 as person_id, $5::boolean as set_by_operator),
permitted as (select person_id from given where ${mayBeSet("given")}),
written as (
  insert into mobile_numbers (person_id, id, number, verified, set_by_operator)
  select person_id, $2, $3, $4::boolean, $5 from permitted
  on conflict (person_id) do update
    set
      id = excluded.id, number = excluded.number, verified = excluded.verified,
      set_by_operator = excluded.set_by_operator
    where excluded.verified or not mobile_numbers.verified
  returning id
),
due as materialized (select 1 as number, $6::jsonb as audit_and_outbox from written),
${writeAuditAndOutbox}
select case
  when exists (select from written) then 'set'
  when exists (select from permitted) then 'verified_exists'
  else 'not_allowed'
end as result`;
