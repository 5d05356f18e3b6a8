import type { AuditEntry } from "@linchpin/vault";
import type { Queryable } from "../database/index.ts";
import { auditJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import { protectsAnything } from "./sealed-kinds.ts";

export function destroyKey(
  database: Queryable,
  id: string,
  { at, retiredBefore }: { at: Date; retiredBefore: Date },
  audit: AuditEntry,
): Promise<"destroyed" | "in_use" | "conflict"> {
  return queryResult(database, sql, [id, at, retiredBefore, auditJson(audit)]);
}

const sql = `
with key as materialized (
  select id from keys where id = $1 and destroyed_at is null and accepted_until <= $3 for no key update
),
destroyed as (
  update keys set destroyed_at = $2 from key
  where keys.id = key.id and not ${protectsAnything("key.id")}
  returning keys.id
),
due as materialized (select 1 as number, $4::jsonb as audit_and_outbox from destroyed),
${writeAuditAndOutbox}
select case
  when exists (select from destroyed) then 'destroyed'
  when exists (select from key) then 'in_use'
  else 'conflict'
end as result`;
