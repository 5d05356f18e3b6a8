import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, CardDetailsChange } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function setCardDetails(
  database: Queryable,
  auditAndOutbox: AuditAndOutbox & { readonly cardDetails: CardDetailsChange },
): Promise<"set" | "unknown" | "not_active"> {
  return queryResult(database, sql, [auditAndOutbox.cardDetails.cardId, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with card as materialized (select id, state from cards where id = $1 for no key update),
due as materialized (select 1 as number, $2::jsonb as audit_and_outbox from card where state = 'active'),
${writeAuditAndOutbox}
select case
  when exists (select from due) then 'set'
  when exists (select from card) then 'not_active'
  else 'unknown'
end as result`;
