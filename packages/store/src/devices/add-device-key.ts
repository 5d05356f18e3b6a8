import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, DeviceKey } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function addDeviceKey(
  database: Queryable,
  deviceId: string,
  { id, purpose, publicPoint, createdAt }: DeviceKey,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "exists" | "unknown"> {
  return queryResult(database, sql, [
    deviceId,
    id,
    purpose,
    publicPoint,
    createdAt,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sql = `
with device as materialized (
  select id from devices where id = $1 and state = 'verified' for share
),
added as (
  insert into device_keys (device_id, id, purpose, public_point, created_at)
  select device.id, $2, $3, $4::bytea, $5::timestamptz from device
  on conflict do nothing
  returning id
),
due as materialized (select 1 as number, $6::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when exists (select from device) then 'exists'
  else 'unknown'
end as result`;
