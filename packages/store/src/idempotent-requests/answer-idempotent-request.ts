import type { Queryable } from "../database/index.ts";
import type { IdempotentAnswer } from "../records.ts";

export async function answerIdempotentRequest(
  database: Queryable,
  { clientId, key, status, body }: IdempotentAnswer,
): Promise<void> {
  await database.query(sql, [clientId, key, status, body]);
}

const sql = `
update idempotent_requests set status = $3, body = $4 where client_id = $1 and key = $2 and status is null`;
