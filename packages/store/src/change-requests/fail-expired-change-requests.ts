import type { Queryable } from "../database/index.ts";
import { eraseSealed, isWaiting } from "./status-sql.ts";

export async function failExpiredChangeRequests(database: Queryable, at: Date): Promise<number> {
  return (await database.query(sql, [at])).length;
}

const sql = `
update change_requests
set status = 'FAILED', updated_at = $1, ${eraseSealed}
where ${isWaiting} and expires_at <= $1
returning id`;
