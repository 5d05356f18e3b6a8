import type { Queryable } from "../database/index.ts";
import type { Consequences, ReplayMark } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function spend(
  database: Queryable,
  { mark, keyId }: ReplayMark,
  consequences: Consequences | null,
): Promise<"spent" | "replayed"> {
  return queryResult(database, sql, [mark, keyId, consequences && consequencesJson(consequences)]);
}

const sql = `
with spent as (
  insert into replay_marks (mark, key_id) values ($1, $2) on conflict do nothing returning mark
),
due as materialized (select $3::jsonb as consequences from spent where $3::jsonb is not null),
${writeConsequences}
select case when exists (select from spent) then 'spent' else 'replayed' end as result`;
