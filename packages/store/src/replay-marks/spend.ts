import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function spend(
  database: Queryable,
  { mark, keyId }: ReplayMark,
  auditAndOutbox: AuditAndOutbox | null,
): Promise<"spent" | "replayed"> {
  return queryResult(database, sql, [mark, keyId, auditAndOutbox && auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with spent as (
  insert into replay_marks (mark, key_id) values ($1, $2) on conflict do nothing returning mark
),
due as materialized (select $3::jsonb as audit_and_outbox from spent where $3::jsonb is not null),
${writeAuditAndOutbox}
select case when exists (select from spent) then 'spent' else 'replayed' end as result`;
