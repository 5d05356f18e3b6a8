import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function answerChallenge(
  database: Queryable,
  id: string,
  at: Date,
  auditAndOutbox: AuditAndOutbox,
): Promise<"answered" | "ended"> {
  return queryResult(database, sql, [id, at, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with answered as (
  update challenges set state = 'answered' where id = $1 and state = 'open' and expires_at > $2 returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from answered),
${writeAuditAndOutbox}
select case when exists (select from answered) then 'answered' else 'ended' end as result`;
