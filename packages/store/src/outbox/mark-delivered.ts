import type { Queryable } from "../database/index.ts";

export async function markDelivered(database: Queryable, id: string, at: Date): Promise<void> {
  await database.query(sql, [id, at]);
}

const sql = `update outbox set state = 'delivered', ended_at = $2 where id = $1 and state = 'waiting'`;
