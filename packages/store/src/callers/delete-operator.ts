import type { Database } from "../database/database.ts";
import { consequencesJson, writeConsequences } from "../statements/consequences.ts";
import { queryResult } from "../statements/result.ts";
import type { Consequences } from "../store.ts";

export function deleteOperator(
  database: Database,
  name: string,
  consequences: Consequences,
): Promise<"deleted" | "last" | "unknown"> {
  // Two statements, as in verifyDevice: what is counted must be what is there once the lock is held.
  return database.transaction(async (transaction) => {
    await transaction.query(lockOperators);
    return queryResult(transaction, sql, [name, consequencesJson(consequences)]);
  });
}

const lockOperators = "select from operators order by name for update";

const sql = `
with deleted as (
  delete from operators where name = $1 and (select count(*) from operators) > 1 returning name
),
due as materialized (select $2::jsonb as consequences from deleted),
${writeConsequences}
select case
  when exists (select from deleted) then 'deleted'
  when exists (select from operators where name = $1) then 'last'
  else 'unknown'
end as result`;
