import type { Challenge } from "../challenges/index.ts";
import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { CodeLimits } from "./records.ts";

export function sendSessionCode(
  database: Queryable,
  challenge: Challenge,
  { codesPerDay, wrongInARow, wrongPerPartnerAndDay }: CodeLimits,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "rate_limited" | "locked"> {
  return queryResult(database, sql, [
    challenge.id,
    challenge.kind,
    challenge.personId,
    challenge.sealedSecret.keyId,
    challenge.sealedSecret.bytes,
    challenge.createdAt,
    challenge.expiresAt,
    challenge.createdAt.toISOString().slice(0, 10),
    codesPerDay,
    wrongInARow,
    wrongPerPartnerAndDay,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

// A server whose clock is behind, at midnight, counts on the day that another has begun.
// The person's row is locked by the update that counts, so that simultaneous requests are sent no more than are allowed.
const sql = `
with allowed as materialized (
  select persons.id from persons join partners on partners.id = persons.partner_id
  where persons.id = $3 and persons.wrong_session_codes < $10::int
    and (partners.wrong_session_code_day >= $8::date and partners.wrong_session_codes >= $11::int) is not true
),
counted as (
  update persons
  set
    session_codes = case when session_code_day >= $8::date then session_codes + 1 else 1 end,
    session_code_day = greatest(session_code_day, $8::date)
  from allowed
  where persons.id = allowed.id and (session_code_day >= $8::date and session_codes >= $9::int) is not true
  returning persons.id
),
added as (
  insert into challenges (id, kind, person_id, secret_key_id, secret_sealed, state, tries, created_at, expires_at)
  select $1, $2, id, $4, $5::bytea, 'open', 0, $6::timestamptz, $7::timestamptz from counted
  returning id
),
due as materialized (select 1 as number, $12::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when exists (select from allowed) then 'rate_limited'
  else 'locked'
end as result`;
