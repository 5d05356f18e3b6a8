import type { AuditEntry, OutboxEntry } from "@linchpin/vault";
import type { Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function makeKeyCurrent(
  database: Queryable,
  id: string,
  terms: {
    currentFrom: Date;
    acceptedUntil: Date | null;
    previousAcceptedUntil: Date | null;
    parallelVersions?: number;
  },
  audit: AuditEntry,
  outbox: readonly OutboxEntry[],
): Promise<"made" | "conflict"> {
  const { currentFrom, acceptedUntil, previousAcceptedUntil, parallelVersions = 1 } = terms;
  const ends = [currentFrom, acceptedUntil, previousAcceptedUntil];
  return queryResult(database, sql, [id, ...ends, auditAndOutboxJson({ audit, outbox }), parallelVersions]);
}

// Earlier pending versions end too, so that they never become current.
const sql = `
with made as (
  update keys set current_from = $2, accepted_until = $3
  where id = $1 and current_from is null and accepted_until is null
  returning purpose, version
),
ended as (
  update keys set accepted_until = case when current_from is null then $2::timestamptz else $4::timestamptz end
  from made
  where keys.purpose = made.purpose and keys.version < made.version and keys.accepted_until is null
    and (keys.current_from is null or (made.version - keys.version) % $6::int = 0)
),
due as materialized (select 1 as number, $5::jsonb as audit_and_outbox from made),
${writeAuditAndOutbox}
select case when exists (select from made) then 'made' else 'conflict' end as result`;
