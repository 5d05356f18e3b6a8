import type { Queryable } from "../database/index.ts";

export async function isReplayed(database: Queryable, mark: Uint8Array): Promise<boolean> {
  return (await database.query(sql, [mark])).length > 0;
}

const sql = `select from replay_marks where mark = $1`;
