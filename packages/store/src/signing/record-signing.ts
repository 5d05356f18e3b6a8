import {
  boolean,
  bytes,
  groupedQuery,
  integer,
  lockNames,
  type ResultRow,
  resultOfRow,
  text,
  time,
  uuid,
} from "../groups/index.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, isMarkSpent, spendMarks, writtenParts } from "../statements/index.ts";
import { judgeAttempts } from "./judge-attempts.ts";
import type { Signing, SigningOutcome } from "./records.ts";

// As in `record-verification.ts`: the methods are locked before their attempts are read, and only what was read under
// the lock decides what is written.
export const recordSigning = groupedQuery<[signing: Signing], ResultRow<SigningOutcome>, SigningOutcome>({
  columns: {
    method_id: text(({ methodId }) => methodId),
    method_version: integer(({ version }) => version),
    matched: boolean(({ matched }) => matched),
    attempts_allowed: integer(({ attemptsAllowed }) => attemptsAllowed),
    mark: bytes(({ mark }) => mark?.mark ?? null, 32),
    mark_key_id: text(({ mark }) => mark?.keyId ?? null),
    idempotency_key: uuid(({ idempotencyKey }) => idempotencyKey),
    at: time(({ at }) => at),
    renewed_key_id: text(({ renewedMac }) => renewedMac?.keyId ?? null),
    renewed_mac: bytes(({ renewedMac }) => renewedMac?.bytes ?? null, 32),
    on_match: text(({ auditAndOutbox: { match } }) => match && auditAndOutboxJson(match)),
    on_mismatch: text(({ auditAndOutbox: { mismatch } }) => auditAndOutboxJson(mismatch)),
    on_locking: text(({ auditAndOutbox: { locking } }) => auditAndOutboxJson(locking)),
  },
  locks: ({ methodId, mark, idempotencyKey }) => [
    lockNames.signingMethod(methodId),
    lockNames.mark(mark?.mark ?? null),
    lockNames.idempotencyKey(idempotencyKey),
  ],
  optional: {
    idempotencyKey: ({ idempotencyKey }) => idempotencyKey !== null,
    ...writtenParts(({ auditAndOutbox: { match, mismatch, locking } }) => [match, mismatch, locking]),
  },
  sql: (parts) => `
with ${parts.item},
method as materialized (
  select id, user_id, version, incorrect_attempts, needs_recovery from signing_methods
  where id = any (array(select method_id from item))
  order by id
  ${parts.lockRows}
),
tried as materialized (
  select
    item.*,
    user_id as signing_user_id,
    incorrect_attempts,
    case
      when needs_recovery or incorrect_attempts >= attempts_allowed then 'locked'
      when matched then 'match'
      when incorrect_attempts + 1 < attempts_allowed then 'mismatch'
      else 'locking'
    end as attempt
  from item join method on method.id = item.method_id
  where method.version = item.method_version
),
${spendMarks("tried", parts)},
fresh as materialized (select * from tried where ${isMarkSpent}),
${judgeAttempts(parts)}
counted as (
  update signing_methods
  set
    incorrect_attempts = case judged.outcome when 'match' then 0 else judged.incorrect_attempts + 1 end,
    mac_key_id = case when judged.outcome = 'match' then coalesce(judged.renewed_key_id, mac_key_id) else mac_key_id end,
    mac = case when judged.outcome = 'match' then coalesce(judged.renewed_mac, mac) else mac end
  from judged
  where signing_methods.id = judged.method_id and judged.outcome in ('match', 'mismatch', 'locking')
),
due as materialized (
  select number, audit_and_outbox::jsonb from (
    select
      number,
      case outcome when 'match' then on_match when 'mismatch' then on_mismatch when 'locking' then on_locking end
        as audit_and_outbox
    from judged
  ) by_outcome
  where audit_and_outbox is not null
),
${chainAuditAndOutbox(parts)}
select
  item.number,
  case
    when tried.number is null then 'conflict'
    when fresh.number is null then 'replayed'
    when judged.outcome = 'locking' then 'mismatch'
    else judged.outcome
  end as result,
  ${parts.isGroup} and method.id is null as skipped
from item
left join method on method.id = item.method_id
left join tried using (number)
left join fresh using (number)
left join judged using (number)`,
  resultOf: resultOfRow,
});
