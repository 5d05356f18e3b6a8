import type { AuditEntry, KeyRecord } from "@linchpin/vault";
import type { Queryable } from "../database/index.ts";
import { auditJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function addKey(database: Queryable, record: KeyRecord, audit: AuditEntry): Promise<"added" | "version_taken"> {
  return queryResult(database, sql, [
    record.id,
    record.purpose,
    record.version,
    record.algorithm,
    record.vault,
    record.publicKeySpki,
    record.handle,
    record.createdAt,
    record.currentFrom,
    record.acceptedUntil,
    auditJson(audit),
  ]);
}

const sql = `
with added as (
  insert into keys
    (id, purpose, version, algorithm, vault, public_key_spki, handle, created_at, current_from, accepted_until)
  select $1, $2, $3::int, $4, $5, $6::bytea, $7::bytea, $8::timestamptz, $9::timestamptz, $10::timestamptz
  where $3::int = (select coalesce(max(version), 0) + 1 from keys where purpose = $2)
  on conflict (purpose, version) do nothing
  returning id
),
due as materialized (select 1 as number, $11::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case when exists (select from added) then 'added' else 'version_taken' end as result`;
