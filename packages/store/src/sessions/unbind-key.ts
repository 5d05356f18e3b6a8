import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function unbindKey(
  database: Queryable,
  thumbprint: string,
  personId: string,
  at: Date,
  auditAndOutbox: AuditAndOutbox,
): Promise<"unbound" | "unknown"> {
  return queryResult(database, sql, [thumbprint, personId, at, auditAndOutboxJson(auditAndOutbox)]);
}

// Key before person, as `spendSession` locks them.
const sql = `
with unbound as (
  update bound_keys set unbound_at = $3 where thumbprint = $1 and person_id = $2 and unbound_at is null
  returning person_id
),
counted as (
  update persons set bound_keys = bound_keys - 1 from unbound where persons.id = unbound.person_id
),
due as materialized (select 1 as number, $4::jsonb as audit_and_outbox from unbound),
${writeAuditAndOutbox}
select case when exists (select from unbound) then 'unbound' else 'unknown' end as result`;
