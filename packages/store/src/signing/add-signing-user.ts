import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { NewSigningUser } from "./records.ts";

export function addSigningUser(
  database: Queryable,
  { id, partnerId, reference, method, createdAt }: NewSigningUser,
  mark: ReplayMark | null,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "replayed" | "partner_unknown"> {
  return queryResult(database, sql, [
    id,
    partnerId,
    reference,
    createdAt,
    mark?.mark ?? null,
    mark?.keyId ?? null,
    method?.id ?? null,
    method?.type ?? null,
    method?.physicalDeviceId ?? null,
    method?.mac.keyId ?? null,
    method?.mac.bytes ?? null,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sql = `
with partner as (select id from partners where id = $2),
spent as (
  insert into replay_marks (mark, key_id) select $5::bytea, $6::text from partner where $5::bytea is not null
  on conflict do nothing
  returning mark
),
added as (
  insert into signing_users (id, partner_id, reference, created_at)
  select $1, partner.id, $3, $4::timestamptz from partner
  where $5::bytea is null or exists (select from spent)
  returning id
),
method as (
  insert into signing_methods (id, user_id, type, physical_device_id, mac_key_id, mac, created_at)
  select $7, added.id, $8, $9, $10, $11::bytea, $4::timestamptz from added where $7::text is not null
),
due as materialized (select 1 as number, $12::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when exists (select from partner) then 'replayed'
  else 'partner_unknown'
end as result`;
