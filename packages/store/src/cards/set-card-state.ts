import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";
import type { CardState } from "./records.ts";

export function setCardState(
  database: Queryable,
  cardId: string,
  state: CardState,
  consequences: Consequences,
): Promise<"set" | "unknown" | "terminated"> {
  return queryResult(database, sql, [cardId, state, consequencesJson(consequences)]);
}

const sql = `
with changed as (
  update cards set state = $2 where id = $1 and state <> 'terminated' returning id
),
due as materialized (select $3::jsonb as consequences from changed),
${writeConsequences}
select case
  when exists (select from changed) then 'set'
  when exists (select from cards where id = $1) then 'terminated'
  else 'unknown'
end as result`;
