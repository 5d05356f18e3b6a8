import type { Queryable } from "../database/index.ts";
import { countOtp } from "../persons/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { Challenge, Sending } from "./records.ts";

export function addChallenge(
  database: Queryable,
  challenge: Challenge,
  auditAndOutbox: AuditAndOutbox,
  sending: Sending | null = null,
): Promise<"added" | "rate_limited"> {
  return queryResult(database, sql, [
    challenge.id,
    challenge.kind,
    challenge.personId,
    challenge.deviceId,
    challenge.keyPurpose,
    challenge.sealedSecret.keyId,
    challenge.sealedSecret.bytes,
    challenge.state,
    challenge.tries,
    challenge.createdAt,
    challenge.expiresAt,
    auditAndOutboxJson(auditAndOutbox),
    sending?.maxOtpsPerHour ?? null,
    sending?.replaces ?? false,
  ]);
}

const sql = `
with asked as materialized (
  select $3::text as person_id, $10::timestamptz as at, $13::int as max_otps_per_hour
),
${countOtp},
replaced as (
  update challenges set state = 'ended'
  from permitted
  where $14::boolean and kind = $2 and challenges.person_id = permitted.person_id and state = 'open'
),
added as (
  insert into challenges
    (id, kind, person_id, device_id, key_purpose, secret_key_id, secret_sealed, state, tries, created_at, expires_at)
  select $1, $2, person_id, $4, $5, $6, $7::bytea, $8, $9::int, at, $11::timestamptz from permitted
  returning id
),
due as materialized (select 1 as number, $12::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case when exists (select from added) then 'added' else 'rate_limited' end as result`;
