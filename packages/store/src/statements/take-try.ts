import type { Queryable } from "../database/index.ts";

/**
 * Takes one of `maxTries` tries of a row that meets `condition` and is not expired at `at`. The row is locked by the
 * update, so that simultaneous calls cannot take more.
 */
export async function takeTryOf(
  database: Queryable,
  { table, condition }: { table: string; condition: string },
  { id, maxTries, at }: { id: string; maxTries: number; at: Date },
): Promise<"taken" | "ended"> {
  const sql = `
    update ${table} set tries = tries + 1
    where id = $1 and ${condition} and tries < $2 and expires_at > $3
    returning id`;
  return (await database.query(sql, [id, maxTries, at])).length > 0 ? "taken" : "ended";
}
