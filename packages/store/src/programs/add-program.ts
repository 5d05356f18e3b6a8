import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, Program } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function addProgram(
  database: Queryable,
  { id, name, settings, createdAt }: Program,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "exists"> {
  const parameters = [id, name, JSON.stringify(settings), createdAt, auditAndOutboxJson(auditAndOutbox)];
  return queryResult(database, sql, parameters);
}

const sql = `
with added as (
  insert into programs (id, name, settings, created_at) values ($1, $2, $3::jsonb, $4)
  on conflict do nothing
  returning id
),
due as materialized (select 1 as number, $5::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case when exists (select from added) then 'added' else 'exists' end as result`;
