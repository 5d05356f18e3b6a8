import type { Queryable } from "../database/index.ts";
import { type OutboxRow, outboxColumns, outboxEntryOf } from "./list-messages.ts";
import type { ClaimedEntry, OutboxClaim } from "./records.ts";

export async function claimOutboxEntries(
  database: Queryable,
  { at, claimedUntil, limit, topics }: OutboxClaim,
): Promise<ClaimedEntry[]> {
  const rows = await database.query<OutboxRow & { attempts: number }>(sql, [at, claimedUntil, limit, topics ?? null]);
  return rows.map((row) => ({ ...outboxEntryOf(row), attempts: row.attempts }));
}

const sql = `
with due as materialized (
  select id from outbox head
  where state = 'waiting' and due_at <= $1 and ($4::text[] is null or topic = any ($4))
    and not exists (
      select from outbox earlier
      where earlier.state = 'waiting' and earlier.ordering_key = head.ordering_key and earlier.position < head.position
    )
  order by due_at
  limit $3
  for no key update skip locked
),
claimed as (
  update outbox set due_at = $2, attempts = attempts + 1 from due where outbox.id = due.id
  returning outbox.*
)
select ${outboxColumns}, attempts - 1 as attempts from claimed order by position`;
