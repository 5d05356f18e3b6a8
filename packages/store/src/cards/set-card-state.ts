import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { CardState } from "./records.ts";

export function setCardState(
  database: Queryable,
  cardId: string,
  state: CardState,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "unknown" | "terminated"> {
  return queryResult(database, sql, [cardId, state, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with changed as (
  update cards set state = $2 where id = $1 and state <> 'terminated' returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from changed),
${writeAuditAndOutbox}
select case
  when exists (select from changed) then 'set'
  when exists (select from cards where id = $1) then 'terminated'
  else 'unknown'
end as result`;
