import { bytes, groupedQuery, lockNames, type ResultRow, resultOfRow, text } from "../groups/index.ts";
import type { AuditAndOutbox, MarksOfMessage, ReplayMark } from "../records.ts";
import { auditAndOutboxJson, chainAuditAndOutbox, spendMarks, writtenParts } from "../statements/index.ts";

type Parameters = [
  marks: ReplayMark | MarksOfMessage,
  auditAndOutbox: AuditAndOutbox | null,
  refusal?: { readonly cardId: string; readonly code: string } | null,
];

function marksOf(marks: Parameters[0]): MarksOfMessage {
  return "mark" in marks ? [marks] : marks;
}

export const spend = groupedQuery<Parameters, ResultRow<"spent" | "replayed">, "spent" | "replayed">({
  columns: {
    mark: bytes((marks) => marksOf(marks)[0].mark, 32),
    second_mark: bytes((marks) => marksOf(marks)[1]?.mark ?? null, 32),
    mark_key_id: text((marks) => marksOf(marks)[0].keyId),
    audit_and_outbox: text((_, auditAndOutbox) => auditAndOutbox && auditAndOutboxJson(auditAndOutbox)),
    refusal: text((_marks, _written, refusal) => refusal?.code ?? null),
    refused_card_id: text((_marks, _written, refusal) => refusal?.cardId ?? null),
  },
  locks: (marks) => marksOf(marks).map((mark) => lockNames.mark(mark?.mark ?? null)),
  optional: writtenParts((_, auditAndOutbox) => [auditAndOutbox]),
  sql: (parts) => `
with ${parts.item},
marked as materialized (
  select mark, mark_key_id, refusal, refused_card_id from item
  union all
  select second_mark, mark_key_id, refusal, refused_card_id from item where second_mark is not null
),
${spendMarks("marked", parts, ["refusal", "refused_card_id"])},
decided as materialized (
  select * from item
  where mark = any (array(select mark from spent))
    and (second_mark is null or second_mark = any (array(select mark from spent)))
),
due as materialized (
  select number, audit_and_outbox::jsonb from decided where audit_and_outbox is not null
),
${chainAuditAndOutbox(parts)}
select item.number, case when decided.number is null then 'replayed' else 'spent' end as result
from item left join decided using (number)`,
  resultOf: resultOfRow,
});
