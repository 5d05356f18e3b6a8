import type { Queryable } from "../../database/index.ts";
import type { AuditAndOutbox } from "../../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../../statements/index.ts";
import type { Operator } from "../records.ts";

export function addOperator(
  database: Queryable,
  { apiKeyHash, name, createdAt }: Operator,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "exists"> {
  return queryResult(database, sql, [apiKeyHash, name, createdAt, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with added as (
  insert into operators (api_key_hash, name, created_at) values ($1, $2, $3) on conflict do nothing returning name
),
due as materialized (select 1 as number, $4::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case when exists (select from added) then 'added' else 'exists' end as result`;
