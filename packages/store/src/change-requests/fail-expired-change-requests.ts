import type { Queryable } from "../database/index.ts";

export async function failExpiredChangeRequests(database: Queryable, at: Date): Promise<number> {
  return (await database.query(sql, [at])).length;
}

const sql = `
update change_requests
set status = 'FAILED', updated_at = $1, pin_key_id = null, pin_sealed = null, secret_key_id = null, secret_sealed = null
where status in ('AUTHORIZATION_REQUIRED', 'CONFIRMATION_REQUIRED') and expires_at <= $1
returning id`;
