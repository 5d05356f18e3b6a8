import type { Queryable } from "../database/index.ts";
import type { IdempotentAnswer } from "../records.ts";

export async function answerIdempotentRequest(
  database: Queryable,
  { clientId, key, owner, status, body }: IdempotentAnswer,
): Promise<void> {
  await database.query(sql, [clientId, key, owner, status, body]);
}

const sql = `
update idempotent_requests set status = $4, body = $5
where client_id = $1 and key = $2 and owner = $3 and status is null`;
