import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, Person } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function addPerson(
  database: Queryable,
  { id, partnerId, mobileNumber, createdAt }: Person,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "exists" | "partner_unknown"> {
  const { id: numberId = null, number = null, verified = null, setByOperator = null } = mobileNumber ?? {};
  return queryResult(database, sql, [
    id,
    partnerId,
    createdAt,
    numberId,
    number,
    verified,
    setByOperator,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sql = `
with partner as (select id from partners where id = $2),
added as (
  insert into persons (id, partner_id, created_at)
  select $1, partner.id, $3::timestamptz from partner
  on conflict do nothing
  returning id
),
numbered as (
  insert into mobile_numbers (person_id, id, number, verified, set_by_operator)
  select added.id, $4::text, $5::text, $6::boolean, $7::boolean from added where $4::text is not null
),
due as materialized (select 1 as number, $8::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when exists (select from partner) then 'exists'
  else 'partner_unknown'
end as result`;
