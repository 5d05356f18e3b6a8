import type { Queryable } from "../database/index.ts";
import { countOtp } from "../persons/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { Authorization } from "./records.ts";
import { isWaiting } from "./status-sql.ts";

export function authorizeChangeRequest(
  database: Queryable,
  id: string,
  { deliveryMethod, deviceId, sealedSecret, maxOtpsPerHour, at }: Authorization,
  auditAndOutbox: AuditAndOutbox,
): Promise<"authorized" | "ended" | "rate_limited"> {
  return queryResult(database, sql, [
    id,
    deliveryMethod,
    deviceId,
    sealedSecret.keyId,
    sealedSecret.bytes,
    at,
    auditAndOutboxJson(auditAndOutbox),
    maxOtpsPerHour,
  ]);
}

const sql = `
with asked as materialized (
  select id, person_id, $6::timestamptz as at, $8::int as max_otps_per_hour
  from change_requests
  where id = $1 and ${isWaiting} and expires_at > $6
  for no key update
),
${countOtp},
authorized as (
  update change_requests
  set
    status = 'CONFIRMATION_REQUIRED', delivery_method = $2, device_id = $3, secret_key_id = $4, secret_sealed = $5,
    updated_at = $6
  from permitted
  where change_requests.id = permitted.id
  returning change_requests.id
),
due as materialized (select 1 as number, $7::jsonb as audit_and_outbox from authorized),
${writeAuditAndOutbox}
select case
  when exists (select from authorized) then 'authorized'
  when exists (select from asked) then 'rate_limited'
  else 'ended'
end as result`;
