import type { MobileNumber } from "../cards.ts";
import type { Queryable } from "../database.ts";
import { queryResult } from "./result.ts";

export function setMobileNumber(
  database: Queryable,
  personId: string,
  { id, number, verified }: MobileNumber,
): Promise<"set" | "verified_exists"> {
  return queryResult(database, sql, [personId, id, number, verified]);
}

const sql = `
with written as (
  insert into mobile_numbers (person_id, id, number, verified) values ($1, $2, $3, $4)
  on conflict (person_id) do update
    set id = excluded.id, number = excluded.number, verified = excluded.verified
    where not mobile_numbers.verified
  returning id
)
select case when exists (select from written) then 'set' else 'verified_exists' end as result`;
