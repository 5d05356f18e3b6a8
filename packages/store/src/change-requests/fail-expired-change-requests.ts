import type { Queryable } from "../database/index.ts";
import { eraseSealed, isWaiting } from "./status-sql.ts";

export async function failExpiredChangeRequests(database: Queryable, at: Date, expiredBy = at): Promise<number> {
  return (await database.query(sql, [at, expiredBy])).length;
}

const sql = `
update change_requests
set status = 'FAILED', updated_at = $1, ${eraseSealed}
where ${isWaiting} and expires_at <= $2
returning id`;
