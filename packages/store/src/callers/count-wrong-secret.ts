import type { Queryable } from "../database/index.ts";

export async function countWrongSecret(database: Queryable, name: string, at: Date): Promise<number> {
  const [row] = await database.query<{ count: number }>(sql, [name, at]);
  if (row === undefined) throw new TypeError("a count is one row");
  return row.count;
}

const sql = `
insert into wrong_secrets (name, minute, count) values ($1, date_bin('1 minute', $2::timestamptz, 'epoch'), 1)
on conflict (minute, name) do update set count = wrong_secrets.count + 1
returning count`;
