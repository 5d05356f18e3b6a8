import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";
import type { Partner } from "./records.ts";

export function addPartner(
  database: Queryable,
  { id, name, createdAt }: Partner,
  consequences: Consequences,
): Promise<"added" | "exists"> {
  return queryResult(database, sql, [id, name, createdAt, consequencesJson(consequences)]);
}

const sql = `
with added as (
  insert into partners (id, name, created_at) values ($1, $2, $3) on conflict do nothing returning id
),
due as materialized (select $4::jsonb as consequences from added),
${writeConsequences}
select case when exists (select from added) then 'added' else 'exists' end as result`;
