import type { Database, Queryable } from "../database/database.ts";
import { consequencesJson, writeConsequences } from "../statements/consequences.ts";
import { queryResult } from "../statements/result.ts";
import type { Sealed } from "../store.ts";
import { withAuthorization } from "./add-signing-method.ts";
import type { SigningMethodChange, SigningRefusal } from "./signing-methods.ts";

type Update = SigningMethodChange & { readonly methodId: string; readonly mac: Sealed };

export function updateSigningMethod(
  database: Database,
  update: Update,
): Promise<"updated" | "unknown" | SigningRefusal> {
  return withAuthorization(database, update, (transaction) => write(transaction, update));
}

function write(
  transaction: Queryable,
  { userId, methodId, mac, mark, consequences }: Update,
): Promise<"updated" | "unknown" | "replayed"> {
  return queryResult(transaction, sql, [
    userId,
    methodId,
    mac.keyId,
    mac.bytes,
    mark?.mark ?? null,
    mark?.keyId ?? null,
    consequencesJson(consequences),
  ]);
}

const sql = `
with method as materialized (
  select id from signing_methods where id = $2 and user_id = $1 for no key update
),
spent as (
  insert into replay_marks (mark, key_id) select $5::bytea, $6::text from method where $5::bytea is not null
  on conflict do nothing
  returning mark
),
updated as (
  update signing_methods
  set
    mac_key_id = $3, mac = $4, version = signing_methods.version + 1, incorrect_attempts = 0, needs_recovery = false
  from method
  where signing_methods.id = method.id and ($5::bytea is null or exists (select from spent))
  returning signing_methods.id
),
due as materialized (select $7::jsonb as consequences from updated),
${writeConsequences}
select case
  when exists (select from updated) then 'updated'
  when exists (select from method) then 'replayed'
  else 'unknown'
end as result`;
