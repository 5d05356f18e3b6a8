import type { Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { Signing, SigningOutcome } from "./records.ts";

export function recordSigning(database: Queryable, signing: Signing): Promise<SigningOutcome> {
  const { match, mismatch, locking } = signing.auditAndOutbox;
  return queryResult(database, sql, [
    signing.methodId,
    signing.version,
    signing.matched,
    signing.attemptsAllowed,
    signing.mark?.mark ?? null,
    signing.mark?.keyId ?? null,
    signing.idempotencyKey,
    signing.at,
    signing.renewedMac?.keyId ?? null,
    signing.renewedMac?.bytes ?? null,
    match === null ? null : auditAndOutboxJson(match),
    auditAndOutboxJson(mismatch),
    auditAndOutboxJson(locking),
  ]);
}

// As in `record-verification.ts`: the method is locked before its attempts are read, and only what was read under the
// lock decides what is written.
const sql = `
with method as materialized (
  select id, user_id, incorrect_attempts, needs_recovery from signing_methods where id = $1 and version = $2 for no key update
),
tried as materialized (
  select
    *,
    case
      when needs_recovery or incorrect_attempts >= $4::int then 'locked'
      when $3::boolean then 'match'
      when incorrect_attempts + 1 < $4::int then 'mismatch'
      else 'locking'
    end as attempt
  from method
),
spent as (
  insert into replay_marks (mark, key_id) select $5::bytea, $6::text from tried where $5::bytea is not null
  on conflict do nothing
  returning mark
),
fresh as materialized (
  select * from tried where $5::bytea is null or exists (select from spent)
),
used as (
  insert into idempotency_keys (user_id, key, spent_at)
  select user_id, $7::uuid, $8::timestamptz from fresh where attempt = 'match' and $7::uuid is not null
  on conflict do nothing
  returning key
),
decided as materialized (
  select
    *,
    case
      when attempt = 'match' and $7::uuid is not null and not exists (select from used) then 'key_used'
      else attempt
    end as outcome
  from fresh
),
counted as (
  update signing_methods
  set
    incorrect_attempts = case decided.outcome when 'match' then 0 else decided.incorrect_attempts + 1 end,
    mac_key_id = case when decided.outcome = 'match' then coalesce($9, mac_key_id) else mac_key_id end,
    mac = case when decided.outcome = 'match' then coalesce($10::bytea, mac) else mac end
  from decided
  where signing_methods.id = decided.id and decided.outcome in ('match', 'mismatch', 'locking')
),
due as materialized (
  select audit_and_outbox from (
    select case outcome when 'match' then $11 when 'mismatch' then $12 when 'locking' then $13 end::jsonb as audit_and_outbox
    from decided
  ) by_outcome
  where audit_and_outbox is not null
),
${writeAuditAndOutbox}
select case
  when not exists (select from method) then 'conflict'
  when not exists (select from fresh) then 'replayed'
  else (select case outcome when 'locking' then 'mismatch' else outcome end from decided)
end as result`;
