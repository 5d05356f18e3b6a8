import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, existsOnConflict, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

type Result = "added" | "exists" | "unknown";

export async function addCardName(
  database: Queryable,
  cardId: string,
  { protocol, name }: { protocol: string; name: string },
  auditAndOutbox: AuditAndOutbox,
): Promise<Result> {
  const parameters = [cardId, protocol, name, auditAndOutboxJson(auditAndOutbox)];
  return existsOnConflict(queryResult<Result>(database, sql, parameters));
}

const sql = `
with card as (select id from cards where id = $1),
named as (
  insert into card_names (card_id, protocol, name)
  select card.id, $2, $3 from card
  where not exists (select from card_names where card_id = $1 and protocol = $2)
  returning card_id
),
due as materialized (select 1 as number, $4::jsonb as audit_and_outbox from named),
${writeAuditAndOutbox}
select case
  when exists (select from named) then 'added'
  when not exists (select from card) then 'unknown'
  else 'exists'
end as result`;
