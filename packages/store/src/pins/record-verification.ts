import type { Queryable } from "../database/index.ts";
import { auditAndOutboxJson, writeAuditAndOutbox } from "../statements/index.ts";
import type { Verification, VerificationResult } from "./records.ts";

export async function recordVerification(
  database: Queryable,
  { cardId, version, matched, tryLimit, mark, auditAndOutbox }: Verification,
): Promise<VerificationResult> {
  const [row] = await database.query<VerificationRow>(sql, [
    cardId,
    version,
    matched,
    tryLimit,
    mark.mark,
    mark.keyId,
    auditAndOutboxJson(auditAndOutbox.match),
    auditAndOutboxJson(auditAndOutbox.mismatch),
    auditAndOutboxJson(auditAndOutbox.blocking),
    auditAndOutboxJson(auditAndOutbox.blocked),
  ]);
  if (row === undefined) return { result: "conflict" };
  if (!row.spent) return { result: "replayed" };
  if (row.outcome === "blocked") return { result: "blocked", remainingAttempts: 0 };
  const remainingAttempts = row.outcome === "blocking" ? 0 : tryLimit - row.failedTries;
  return { result: row.outcome === "match" ? "match" : "mismatch", remainingAttempts };
}

interface VerificationRow {
  readonly outcome: "match" | "mismatch" | "blocking" | "blocked";
  readonly failedTries: number;
  readonly spent: boolean;
}

// The card is locked before its failed tries are read, so that each of several simultaneous tries sees those before it.
// The update then uses only what was read under the lock. A condition on the card's own columns would be checked first
// against the row as it was before the lock was granted.
const sql = `
with card as materialized (
  select id, pin_status, pin_failures from cards
  where id = $1 and pin_version = $2 and state = 'active' and pin_status <> 'not_set'
  for no key update
),
tried as materialized (
  select
    id,
    case
      when pin_status = 'blocked' then 'blocked'
      when $3::boolean then 'match'
      when pin_failures + 1 < $4::int then 'mismatch'
      else 'blocking'
    end as outcome,
    case
      when pin_status = 'blocked' then pin_failures
      when $3::boolean then 0
      else pin_failures + 1
    end as failed_tries,
    pin_failures as failed_tries_before
  from card
),
spent as (
  insert into replay_marks (mark, key_id) select $5::bytea, $6::text from tried
  on conflict do nothing
  returning mark
),
counted as (
  update cards
  set
    pin_failures = tried.failed_tries,
    pin_status = case when tried.outcome = 'blocking' then 'blocked' else cards.pin_status end
  from tried, spent
  where cards.id = tried.id and tried.failed_tries <> tried.failed_tries_before
),
due as materialized (
  select
    case outcome when 'match' then $7 when 'mismatch' then $8 when 'blocking' then $9 else $10 end::jsonb as audit_and_outbox
  from tried, spent
),
${writeAuditAndOutbox}
select outcome, failed_tries as "failedTries", exists (select from spent) as spent from tried`;
