import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function unblockPin(
  database: Queryable,
  cardId: string,
  consequences: Consequences,
): Promise<"unblocked" | "not_blocked" | "unknown"> {
  return queryResult(database, sql, [cardId, consequencesJson(consequences)]);
}

const sql = `
with unblocked as (
  update cards set pin_status = 'active', pin_failures = 0 where id = $1 and pin_status = 'blocked' returning id
),
due as materialized (select $2::jsonb as consequences from unblocked),
${writeConsequences}
select case
  when exists (select from unblocked) then 'unblocked'
  when exists (select from cards where id = $1) then 'not_blocked'
  else 'unknown'
end as result`;
