import type { Queryable } from "../database/index.ts";
import type { Consequences } from "../records.ts";
import { consequencesJson, queryResult, writeConsequences } from "../statements/index.ts";

export function revokeCredential(
  database: Queryable,
  { partnerId, clientId }: { partnerId: string; clientId: string },
  at: Date,
  consequences: Consequences,
): Promise<"revoked" | "unknown"> {
  return queryResult(database, sql, [partnerId, clientId, at, consequencesJson(consequences)]);
}

const sql = `
with revoked as (
  update credentials set revoked_at = $3 where client_id = $2 and partner_id = $1 and revoked_at is null returning client_id
),
ended as (
  delete from access_tokens using revoked where access_tokens.client_id = revoked.client_id
),
due as materialized (select $4::jsonb as consequences from revoked),
${writeConsequences}
select case when exists (select from revoked) then 'revoked' else 'unknown' end as result`;
