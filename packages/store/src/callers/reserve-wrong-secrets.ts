import type { Queryable } from "../database/index.ts";

export async function reserveWrongSecrets(
  database: Queryable,
  name: string,
  at: Date,
  { amount, limit }: { amount: number; limit: number },
): Promise<number> {
  const [row] = await database.query<{ granted: number }>(sql, [name, at, amount, limit]);
  if (row === undefined) throw new TypeError("a reservation is one row");
  return row.granted;
}

// The row is locked by the update, so that all servers together are granted no more than the limit. What was wanted is
// added whole: what stood there before says how much of it is within the limit.
const sql = `
insert into wrong_secrets (name, minute, count) values ($1, date_bin('1 minute', $2::timestamptz, 'epoch'), $3::int)
on conflict (minute, name) do update set count = wrong_secrets.count + $3::int
returning greatest(0, least($3::int, $4::int - (count - $3::int))) as granted`;
