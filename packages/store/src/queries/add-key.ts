import type { KeyRecord } from "@linchpin/vault";
import type { Queryable } from "../database.ts";
import { queryResult } from "./result.ts";

export function addKey(
  database: Queryable,
  record: KeyRecord,
  previousAcceptedUntil: Date | null,
): Promise<"added" | "version_taken"> {
  return queryResult(database, sql, [
    record.id,
    record.purpose,
    record.version,
    record.algorithm,
    record.publicKeySpki,
    record.handle,
    record.createdAt,
    record.acceptedUntil,
    previousAcceptedUntil,
  ]);
}

const sql = `
with added as (
  insert into keys (id, purpose, version, algorithm, public_key_spki, handle, created_at, accepted_until)
  select $1, $2, $3::int, $4, $5::bytea, $6::bytea, $7::timestamptz, $8::timestamptz
  where $3::int = (select coalesce(max(version), 0) + 1 from keys where purpose = $2)
  on conflict (purpose, version) do nothing
  returning purpose, version
),
ended as (
  update keys set accepted_until = $9 from added
  where keys.purpose = added.purpose and keys.version = added.version - 1
)
select case when exists (select from added) then 'added' else 'version_taken' end as result`;
