import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function answerChallenge(
  database: Queryable,
  id: string,
  at: Date,
  consequences: Consequences,
): Promise<"answered" | "ended"> {
  return queryResult(database, sql, [id, at, consequencesJson(consequences)]);
}

const sql = `
with answered as (
  update challenges set state = 'answered' where id = $1 and state = 'open' and expires_at > $2 returning id
),
due as materialized (select $3::jsonb as consequences from answered),
${writeConsequences}
select case when exists (select from answered) then 'answered' else 'ended' end as result`;
