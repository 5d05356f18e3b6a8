import type { Queryable } from "../database.ts";
import type { Consequences } from "../store.ts";
import { consequencesJson, writeConsequences } from "./consequences.ts";
import { queryResult } from "./result.ts";

export function setChipSynced(
  database: Queryable,
  cardId: string,
  consequences: Consequences,
): Promise<"set" | "unknown"> {
  return queryResult(database, sql, [cardId, consequencesJson(consequences)]);
}

const sql = `
with synced as (
  update cards set chip_version = pin_version where id = $1 returning id
),
due as materialized (select $2::jsonb as consequences from synced),
${writeConsequences}
select case when exists (select from synced) then 'set' else 'unknown' end as result`;
