import type { Queryable } from "../database/index.ts";

export async function measureOutbox(
  database: Queryable,
): Promise<{ waiting: number; oldestCreatedAt: Date | null; dead: number }> {
  const [row] = await database.query<{ waiting: number; oldestCreatedAt: Date | null; dead: number }>(sql);
  return row ?? { waiting: 0, oldestCreatedAt: null, dead: 0 };
}

const sql = `
select
  count(*)::int as waiting,
  min(created_at) as "oldestCreatedAt",
  (select count(*)::int from outbox where state = 'dead' and topic <> 'webhook') as dead
from outbox
where state = 'waiting' and topic <> 'webhook'`;
