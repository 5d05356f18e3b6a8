import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function resetFailedTries(
  database: Queryable,
  cardId: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"reset" | "blocked" | "unknown"> {
  return queryResult(database, sql, [cardId, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with reset as (
  update cards set pin_failures = 0 where id = $1 and pin_status <> 'blocked' returning id
),
due as materialized (select 1 as number, $2::jsonb as audit_and_outbox from reset),
${writeAuditAndOutbox}
select case
  when exists (select from reset) then 'reset'
  when exists (select from cards where id = $1) then 'blocked'
  else 'unknown'
end as result`;
