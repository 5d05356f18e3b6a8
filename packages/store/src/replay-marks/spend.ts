import { bytes, groupedQuery, lockNames, type ResultRow, resultOfRow, text } from "../groups/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, spendMarks } from "../statements/index.ts";

export const spend = groupedQuery<
  [mark: ReplayMark, auditAndOutbox: AuditAndOutbox | null],
  ResultRow<"spent" | "replayed">,
  "spent" | "replayed"
>({
  columns: {
    mark: bytes(({ mark }) => mark, 32),
    mark_key_id: text(({ keyId }) => keyId),
    audit_and_outbox: text((_, auditAndOutbox) => auditAndOutbox && auditAndOutboxJson(auditAndOutbox)),
  },
  locks: ({ mark }) => [lockNames.mark(mark)],
  sql: (parts) => `
with ${parts.item},
${spendMarks("item", parts)},
decided as materialized (select * from item where mark = any (array(select mark from spent))),
due as materialized (
  select number, audit_and_outbox::jsonb from decided where audit_and_outbox is not null
),
${chainAuditAndOutbox(parts)}
select item.number, case when decided.number is null then 'replayed' else 'spent' end as result
from item left join decided using (number)`,
  resultOf: resultOfRow,
});
