import type { Queryable } from "../database/index.ts";
import { consequencesJson, writeConsequences } from "../statements/index.ts";
import type { Verification, VerificationResult } from "./records.ts";

export async function settleVerification(
  database: Queryable,
  { cardId, version, matched, triesAllowed, mark, consequences }: Verification,
): Promise<VerificationResult> {
  const [row] = await database.query<VerificationRow>(sql, [
    cardId,
    version,
    matched,
    triesAllowed,
    mark.mark,
    mark.keyId,
    consequencesJson(consequences.match),
    consequencesJson(consequences.mismatch),
    consequencesJson(consequences.blocking),
    consequencesJson(consequences.blocked),
  ]);
  if (row === undefined) return { result: "conflict" };
  if (!row.spent) return { result: "replayed" };
  if (row.outcome === "blocked") return { result: "blocked", remainingAttempts: 0 };
  const remainingAttempts = row.outcome === "blocking" ? 0 : triesAllowed - row.failures;
  return { result: row.outcome === "match" ? "match" : "mismatch", remainingAttempts };
}

interface VerificationRow {
  readonly outcome: "match" | "mismatch" | "blocking" | "blocked";
  readonly failures: number;
  readonly spent: boolean;
}

// The card is locked before its failures are read: of simultaneous tries each sees those before it. The update then
// decides by what was read under the lock alone: a condition on its own columns would first meet the row as it was
// before the wait.
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
    end as failures,
    pin_failures as failures_before
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
    pin_failures = tried.failures,
    pin_status = case when tried.outcome = 'blocking' then 'blocked' else cards.pin_status end
  from tried, spent
  where cards.id = tried.id and tried.failures <> tried.failures_before
),
due as materialized (
  select
    case outcome when 'match' then $7 when 'mismatch' then $8 when 'blocking' then $9 else $10 end::jsonb as consequences
  from tried, spent
),
${writeConsequences}
select outcome, failures, exists (select from spent) as spent from tried`;
