import type { Database, Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { SigningMethodUpdate, SigningRefusal } from "./records.ts";
import { withAuthorization } from "./with-authorization.ts";

export function updateSigningMethod(
  database: Database,
  update: SigningMethodUpdate,
): Promise<"updated" | "unknown" | SigningRefusal> {
  return withAuthorization(database, update, (transaction, mark) => write(transaction, { ...update, mark }), "updated");
}

function write(
  transaction: Queryable,
  { userId, methodId, mac, mark, auditAndOutbox }: SigningMethodUpdate,
): Promise<"updated" | "unknown" | "replayed"> {
  return queryResult(transaction, sql, [
    userId,
    methodId,
    mac.keyId,
    mac.bytes,
    mark?.mark ?? null,
    mark?.keyId ?? null,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sql = `
with method as materialized (
  select id from signing_methods where id = $2 and user_id = $1 for no key update
),
spent as (
  insert into replay_marks (mark, key_id) select $5::bytea, $6::text from method where $5::bytea is not null
  on conflict do nothing
  returning mark
),
updated as (
  update signing_methods
  set
    mac_key_id = $3, mac = $4, version = signing_methods.version + 1, incorrect_attempts = 0, needs_recovery = false
  from method
  where signing_methods.id = method.id and ($5::bytea is null or exists (select from spent))
  returning signing_methods.id
),
due as materialized (select 1 as number, $7::jsonb as audit_and_outbox from updated),
${writeAuditAndOutbox}
select case
  when exists (select from updated) then 'updated'
  when exists (select from method) then 'replayed'
  else 'unknown'
end as result`;
