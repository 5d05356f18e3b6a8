import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function nameSessionHolder(
  database: Queryable,
  personId: string,
  name: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "unknown"> {
  return queryResult(database, setting("name = $3"), [personId, auditAndOutboxJson(auditAndOutbox), name]);
}

export function allowSessionCodes(
  database: Queryable,
  personId: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "unknown"> {
  return queryResult(database, setting("wrong_session_codes = 0"), [personId, auditAndOutboxJson(auditAndOutbox)]);
}

export function countWrongSessionCodes(
  database: Queryable,
  personId: string,
  count: number,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "unknown"> {
  const sql = setting("wrong_session_codes = greatest(wrong_session_codes, $3::int)");
  return queryResult(database, sql, [personId, auditAndOutboxJson(auditAndOutbox), count]);
}

function setting(assignment: string): string {
  return `
with changed as (update persons set ${assignment} where id = $1 returning id),
due as materialized (select 1 as number, $2::jsonb as audit_and_outbox from changed),
${writeAuditAndOutbox}
select case when exists (select from changed) then 'set' else 'unknown' end as result`;
}
