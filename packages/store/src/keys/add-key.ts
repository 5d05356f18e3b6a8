import type { AuditEntry, KeyRecord } from "@linchpin/vault";
import { bytes, groupedQuery, integer, lockNames, type ResultRow, resultOfRow, text, time } from "../groups/index.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, writtenParts } from "../statements/index.ts";

type Result = "added" | "version_taken";

export const addKey = groupedQuery<[record: KeyRecord, audit: AuditEntry], ResultRow<Result>, Result>({
  columns: {
    id: text(({ id }) => id),
    purpose: text(({ purpose }) => purpose),
    version: integer(({ version }) => version),
    algorithm: text(({ algorithm }) => algorithm),
    vault: text(({ vault }) => vault),
    public_key_spki: bytes(({ publicKeySpki }) => publicKeySpki),
    handle: bytes(({ handle }) => handle),
    created_at: time(({ createdAt }) => createdAt),
    current_from: time(({ currentFrom }) => currentFrom),
    accepted_until: time(({ acceptedUntil }) => acceptedUntil),
    audit_and_outbox: text((_record, audit) => auditAndOutboxJson({ audit, outbox: [] })),
  },
  locks: ({ purpose }) => [lockNames.keyPurpose(purpose)],
  optional: writtenParts((_record, audit) => [{ audit, outbox: [] }]),
  // Two servers that make the first keys at once insert them in one order, so that neither waits for the other.
  sql: (parts) => `
with ${parts.item},
added as (
  insert into keys
    (id, purpose, version, algorithm, vault, public_key_spki, handle, created_at, current_from, accepted_until)
  select id, purpose, version, algorithm, vault, public_key_spki, handle, created_at, current_from, accepted_until
  from item
  where version = (select coalesce(max(keys.version), 0) + 1 from keys where keys.purpose = item.purpose)
  order by purpose
  on conflict (purpose, version) do nothing
  returning purpose
),
due as materialized (select number, audit_and_outbox::jsonb from item join added using (purpose)),
${chainAuditAndOutbox(parts)}
select number, case when purpose in (select purpose from added) then 'added' else 'version_taken' end as result
from item`,
  resultOf: resultOfRow,
});
