import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function deleteDevice(
  database: Queryable,
  id: string,
  consequences: Consequences,
): Promise<"deleted" | "unknown"> {
  return queryResult(database, sql, [id, consequencesJson(consequences)]);
}

const sql = `
with deleted as (
  update devices set state = 'deleted' where id = $1 and state <> 'deleted' returning id
),
due as materialized (select $2::jsonb as consequences from deleted),
${writeConsequences}
select case when exists (select from deleted) then 'deleted' else 'unknown' end as result`;
