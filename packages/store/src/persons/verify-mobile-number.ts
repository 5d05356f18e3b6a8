import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function verifyMobileNumber(
  database: Queryable,
  personId: string,
  numberId: string,
  consequences: Consequences,
): Promise<"verified" | "unknown"> {
  return queryResult(database, sql, [personId, numberId, consequencesJson(consequences)]);
}

const sql = `
with verified as (
  update mobile_numbers set verified = true
  where person_id = $1 and id = $2 and not verified
  returning id
),
due as materialized (select $3::jsonb as consequences from verified),
${writeConsequences}
select case when exists (select from verified) then 'verified' else 'unknown' end as result`;
