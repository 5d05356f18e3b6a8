import type { Queryable } from "./database.ts";

export async function ping(database: Queryable): Promise<void> {
  await database.query(sql);
}

const sql = `select 1`;
