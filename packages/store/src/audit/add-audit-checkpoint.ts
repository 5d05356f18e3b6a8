import type { Queryable } from "../database/index.ts";
import { queryResult } from "../statements/index.ts";
import type { AuditCheckpoint } from "./records.ts";

export function addAuditCheckpoint(
  database: Queryable,
  { sequence, content, keyId, signature }: AuditCheckpoint,
): Promise<"added" | "taken"> {
  return queryResult(database, sql, [sequence, content, keyId, signature]);
}

const sql = `
with added as (
  insert into audit_checkpoints (sequence, content, key_id, signature) values ($1, $2, $3, $4)
  on conflict do nothing
  returning sequence
)
select case when exists (select from added) then 'added' else 'taken' end as result`;
