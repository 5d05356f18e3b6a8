import type { AuditEntry } from "@linchpin/vault";
import type { Queryable } from "../database/index.ts";
import { auditJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import { protectsAnything } from "./sealed-kinds.ts";

export function retireKey(
  database: Queryable,
  id: string,
  { at, forceRecovery }: { at: Date; forceRecovery: boolean },
  audit: AuditEntry,
): Promise<"retired" | "in_use" | "conflict"> {
  return queryResult(database, sql, [id, at, forceRecovery, auditJson(audit)]);
}

const sql = `
with key as materialized (
  select id from keys
  where id = $1 and destroyed_at is null and (accepted_until is null or accepted_until > $2)
  for no key update
),
free as materialized (
  select id from key
  where case when $3::boolean
    then not ${protectsAnything("key.id", { besides: "signingMethods" })}
    else not ${protectsAnything("key.id")}
  end
),
retired as (
  update keys set accepted_until = $2 from free where keys.id = free.id returning keys.id
),
marked as (
  update signing_methods set needs_recovery = true from free
  where $3::boolean and mac_key_id = free.id and not needs_recovery
),
due as materialized (select 1 as number, $4::jsonb as audit_and_outbox from retired),
${writeAuditAndOutbox}
select case
  when exists (select from retired) then 'retired'
  when exists (select from key) then 'in_use'
  else 'conflict'
end as result`;
