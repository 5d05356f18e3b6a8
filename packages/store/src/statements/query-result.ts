import type { Queryable } from "../database/index.ts";

/** Runs a statement that returns one row with a column `result`, and returns that column. */
export async function queryResult<Result extends string>(
  database: Queryable,
  sql: string,
  parameters: readonly unknown[],
): Promise<Result> {
  const [row] = await database.query<{ result: Result }>(sql, parameters);
  if (row === undefined) throw new TypeError("a statement that answers by one row had none");
  return row.result;
}
