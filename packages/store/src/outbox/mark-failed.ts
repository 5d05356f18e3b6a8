import type { Queryable } from "../database/index.ts";

export async function markFailed(
  database: Queryable,
  id: string,
  { at, nextAttemptAt, reason }: { at: Date; nextAttemptAt: Date | null; reason: string },
): Promise<void> {
  await database.query(sql, [id, at, nextAttemptAt, reason]);
}

const sql = `
update outbox
set
  state = case when $3::timestamptz is null then 'dead' else 'waiting' end,
  ended_at = case when $3::timestamptz is null then $2::timestamptz end,
  due_at = coalesce($3, due_at),
  last_failure = $4
where id = $1 and state = 'waiting'`;
