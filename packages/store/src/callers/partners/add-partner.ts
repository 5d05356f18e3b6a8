import type { Queryable } from "../../database/index.ts";
import type { AuditAndOutbox } from "../../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../../statements/index.ts";
import type { Partner } from "../records.ts";

export function addPartner(
  database: Queryable,
  { id, name, mayRegisterMobileNumbers, createdAt }: Partner,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "exists"> {
  const parameters = [id, name, mayRegisterMobileNumbers, createdAt, auditAndOutboxJson(auditAndOutbox)];
  return queryResult(database, sql, parameters);
}

const sql = `
with added as (
  insert into partners (id, name, may_register_mobile_numbers, created_at) values ($1, $2, $3, $4)
  on conflict do nothing
  returning id
),
due as materialized (select 1 as number, $5::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case when exists (select from added) then 'added' else 'exists' end as result`;
