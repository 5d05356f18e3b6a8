import type { Database } from "../database/index.ts";
import { queryResult } from "../statements/index.ts";
import type { KeyManifest } from "./records.ts";

export function addKeyManifest(
  database: Database,
  { seq, jws, issuedAt }: KeyManifest,
  previousSeq: number,
): Promise<"added" | "taken"> {
  // Two statements, because a statement that waits for a lock sees the rows as they were before it waited.
  return database.transaction(async (transaction) => {
    await transaction.execute(lockManifests);
    return queryResult(transaction, sql, [seq, jws, issuedAt, previousSeq]);
  });
}

const lockManifests = "lock table key_manifests in share row exclusive mode";

const sql = `
with added as (
  insert into key_manifests (seq, jws, issued_at)
  select $1::bigint, $2, $3::timestamptz
  where $4::bigint = (select coalesce(max(seq), 0) from key_manifests) and $1::bigint > $4::bigint
  on conflict do nothing
  returning seq
)
select case when exists (select from added) then 'added' else 'taken' end as result`;
