import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function deleteMobileNumber(
  database: Queryable,
  personId: string,
  consequences: Consequences,
): Promise<"deleted" | "unknown"> {
  return queryResult(database, sql, [personId, consequencesJson(consequences)]);
}

const sql = `
with deleted as (
  delete from mobile_numbers where person_id = $1 returning id
),
due as materialized (select $2::jsonb as consequences from deleted),
${writeConsequences}
select case when exists (select from deleted) then 'deleted' else 'unknown' end as result`;
