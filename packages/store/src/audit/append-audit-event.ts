import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import type { AuditEntry, OutboxEntry } from "../records.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, writtenParts } from "../statements/index.ts";

export const appendAuditEvent = groupedQuery<[audit: AuditEntry, outbox?: readonly OutboxEntry[]], ItemRow, void>({
  columns: { audit_and_outbox: text((audit, outbox = []) => auditAndOutboxJson({ audit, outbox })) },
  optional: writtenParts((audit, outbox = []) => [{ audit, outbox }]),
  sql: (parts) => `
with ${parts.item},
due as materialized (select number, audit_and_outbox::jsonb from item),
${chainAuditAndOutbox(parts)}
select number from item`,
  resultOf: () => {},
});
