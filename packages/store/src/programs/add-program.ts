import type { Queryable } from "../database/index.ts";
import type { Consequences, Program } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function addProgram(
  database: Queryable,
  { id, name, settings, createdAt }: Program,
  consequences: Consequences,
): Promise<"added" | "exists"> {
  const parameters = [id, name, JSON.stringify(settings), createdAt, consequencesJson(consequences)];
  return queryResult(database, sql, parameters);
}

const sql = `
with added as (
  insert into programs (id, name, settings, created_at) values ($1, $2, $3::jsonb, $4)
  on conflict do nothing
  returning id
),
due as materialized (select $5::jsonb as consequences from added),
${writeConsequences}
select case when exists (select from added) then 'added' else 'exists' end as result`;
