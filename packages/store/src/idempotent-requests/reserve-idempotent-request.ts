import type { Queryable } from "../database/index.ts";
import type { IdempotentRequest, Reservation } from "./records.ts";

export async function reserveIdempotentRequest(
  database: Queryable,
  { clientId, key, owner, requestHash, at, abandonedAfterMs, forgottenBefore }: IdempotentRequest,
): Promise<Reservation> {
  const parameters = [clientId, key, requestHash, at, abandonedAfterMs, forgottenBefore, owner];
  const [row] = await database.query<Row>(sql, parameters);
  if (row?.reserved) return { result: "reserved" };
  if (row?.is_same === false) return { result: "other_request" };
  if (row === undefined || row.status === null || row.body === null) return { result: "under_way" };
  return { result: "answered", status: row.status, body: row.body };
}

/** All but `reserved` are null where the row was added after this statement began. */
interface Row {
  readonly reserved: boolean;
  readonly is_same: boolean | null;
  readonly status: number | null;
  readonly body: string | null;
}

const sql = `
with reserved as (
  insert into idempotent_requests as known (client_id, key, request_hash, started_at, owner) values ($1, $2, $3, $4, $7)
  on conflict (client_id, key) do update set
    request_hash = excluded.request_hash, started_at = excluded.started_at, owner = excluded.owner,
    reserved_at = excluded.reserved_at, status = null, body = null
    where known.started_at < $6
      or known.status is null and known.request_hash = excluded.request_hash
        and known.reserved_at < now() - $5::int * interval '1 millisecond'
  returning key
)
select
  exists (select from reserved) as reserved,
  known.request_hash = $3 as is_same, known.status, known.body
from (values (1)) one
left join idempotent_requests known on known.client_id = $1 and known.key = $2`;
