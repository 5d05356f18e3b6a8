import type { Queryable } from "../database/index.ts";
import type { IdempotencyReservation } from "../records.ts";

export async function releaseIdempotentRequest(
  database: Queryable,
  { clientId, key, owner }: IdempotencyReservation,
): Promise<void> {
  await database.query(sql, [clientId, key, owner]);
}

const sql = "delete from idempotent_requests where client_id = $1 and key = $2 and owner = $3 and status is null";
