import type { Queryable } from "../database/index.ts";
import { changesPerDay, hasPinHistory, queryResult, reserveChangeAttempts } from "../statements/index.ts";

export function takeConfirmationTry(
  database: Queryable,
  id: string,
  maxTries: number,
  at: Date,
): Promise<"taken" | "exhausted" | "ended"> {
  return queryResult(database, sql, [id, maxTries, at]);
}

const isWaiting = "status = 'CONFIRMATION_REQUIRED' and tries < $2 and expires_at > $3";

// The card is locked before the request, as `change-pin.ts` does, so that the two cannot deadlock. The update of the
// request looks at its row again under its lock.
const sql = `
with waiting as materialized (
  select id, card_id from change_requests where id = $1 and ${isWaiting}
),
history as materialized (
  select 1 as number, cards.id as card_id, ($3::timestamptz at time zone 'UTC')::date as day, ${changesPerDay} as per_day
  from waiting join cards on cards.id = waiting.card_id join programs on programs.id = cards.program_id
  where ${hasPinHistory}
),
${reserveChangeAttempts({ lockRows: "for no key update" })},
allowed as materialized (
  select id from waiting where exists (select from reserved) or not exists (select from history)
),
taken as (
  update change_requests set tries = tries + 1 from allowed
  where change_requests.id = allowed.id and ${isWaiting}
  returning change_requests.id
)
select case
  when exists (select from taken) then 'taken'
  when exists (select from waiting) and not exists (select from allowed) then 'exhausted'
  else 'ended'
end as result`;
