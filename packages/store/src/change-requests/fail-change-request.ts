import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import { eraseSealed, isWaiting } from "./status-sql.ts";

export function failChangeRequest(
  database: Queryable,
  id: string,
  at: Date,
  auditAndOutbox: AuditAndOutbox,
): Promise<"failed" | "ended"> {
  return queryResult(database, sql, [id, at, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with failed as (
  update change_requests
  set status = 'FAILED', updated_at = $2, ${eraseSealed}
  where id = $1 and ${isWaiting}
  returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from failed),
${writeAuditAndOutbox}
select case when exists (select from failed) then 'failed' else 'ended' end as result`;
