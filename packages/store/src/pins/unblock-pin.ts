import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function unblockPin(
  database: Queryable,
  cardId: string,
  auditAndOutbox: AuditAndOutbox,
  { isChipPending = false }: { isChipPending?: boolean } = {},
): Promise<"unblocked" | "not_blocked" | "unknown"> {
  return queryResult(database, sql, [cardId, auditAndOutboxJson(auditAndOutbox), isChipPending]);
}

const sql = `
with unblocked as (
  update cards
  set
    pin_status = 'active',
    pin_failures = 0,
    chip_version = case when $3::boolean then least(chip_version, pin_version - 1) else chip_version end
  where id = $1 and pin_status = 'blocked' returning id
),
due as materialized (select 1 as number, $2::jsonb as audit_and_outbox from unblocked),
${writeAuditAndOutbox}
select case
  when exists (select from unblocked) then 'unblocked'
  when exists (select from cards where id = $1) then 'not_blocked'
  else 'unknown'
end as result`;
