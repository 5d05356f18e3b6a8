import type { Queryable } from "../database.ts";
import type { ReplayMark } from "../store.ts";
import { queryResult } from "./result.ts";

export function spend(database: Queryable, { mark, keyId }: ReplayMark): Promise<"spent" | "replayed"> {
  return queryResult(database, sql, [mark, keyId]);
}

const sql = `
with spent as (
  insert into replay_marks (mark, key_id) values ($1, $2) on conflict do nothing returning mark
)
select case when exists (select from spent) then 'spent' else 'replayed' end as result`;
