import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function setChipSynced(
  database: Queryable,
  cardId: string,
  version: number,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "version_unknown" | "unknown"> {
  return queryResult(database, sql, [cardId, version, auditAndOutboxJson(auditAndOutbox)]);
}

// A chip never returns to an earlier PIN, so a late report of an earlier version changes nothing.
const sql = `
with synced as (
  update cards set chip_version = greatest(chip_version, $2) where id = $1 and $2 <= pin_version returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from synced),
${writeAuditAndOutbox}
select case
  when exists (select from synced) then 'set'
  when exists (select from cards where id = $1) then 'version_unknown'
  else 'unknown'
end as result`;
