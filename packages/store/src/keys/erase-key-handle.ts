import type { Queryable } from "../database/index.ts";

export async function eraseKeyHandle(database: Queryable, id: string): Promise<void> {
  await database.query(sql, [id]);
}

const sql = `update keys set handle = '' where id = $1 and destroyed_at is not null`;
