import type { Database, Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { SigningMethodAddition, SigningRefusal } from "./records.ts";
import { withAuthorization } from "./with-authorization.ts";

export function addSigningMethod(
  database: Database,
  addition: SigningMethodAddition,
): Promise<"added" | "exists" | "unknown" | SigningRefusal> {
  return withAuthorization(database, addition, (transaction, mark) => add(transaction, { ...addition, mark }), "added");
}

function add(
  transaction: Queryable,
  { userId, method, mark, auditAndOutbox }: SigningMethodAddition,
): Promise<"added" | "exists" | "unknown" | "replayed"> {
  return queryResult(transaction, sql, [
    userId,
    method.id,
    method.type,
    method.physicalDeviceId,
    method.mac.keyId,
    method.mac.bytes,
    method.createdAt,
    mark?.mark ?? null,
    mark?.keyId ?? null,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sql = `
with owner as materialized (select id from signing_users where id = $1 and deleted_at is null for share),
free as materialized (
  select id from owner
  where $3 = 'BIOMETRIC' or not exists (select from signing_methods where user_id = $1 and type = $3)
),
spent as (
  insert into replay_marks (mark, key_id) select $8::bytea, $9::text from free where $8::bytea is not null
  on conflict do nothing
  returning mark
),
allowed as materialized (select * from free where $8::bytea is null or exists (select from spent)),
added as (
  insert into signing_methods (id, user_id, type, physical_device_id, mac_key_id, mac, created_at)
  select $2, allowed.id, $3, $4, $5, $6::bytea, $7::timestamptz from allowed
  on conflict do nothing
  returning id
),
due as materialized (select 1 as number, $10::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when not exists (select from owner) then 'unknown'
  when exists (select from free) and not exists (select from allowed) then 'replayed'
  else 'exists'
end as result`;
