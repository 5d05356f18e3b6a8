import type { Queryable } from "../database/index.ts";

export async function releaseIdempotentRequest(database: Queryable, clientId: string, key: string): Promise<void> {
  await database.query(sql, [clientId, key]);
}

const sql = "delete from idempotent_requests where client_id = $1 and key = $2 and status is null";
