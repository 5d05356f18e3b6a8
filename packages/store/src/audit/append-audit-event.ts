import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import type { AuditEntry } from "../records.ts";
import { auditJson, chainAuditAndOutbox } from "../statements/index.ts";

export const appendAuditEvent = groupedQuery<[entry: AuditEntry], ItemRow, void>({
  columns: { audit_and_outbox: text((entry) => auditJson(entry)) },
  sql: (parts) => `
with ${parts.item},
due as materialized (select number, audit_and_outbox::jsonb from item),
${chainAuditAndOutbox(parts)}
select number from item`,
  resultOf: () => {},
});
