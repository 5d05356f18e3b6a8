import type { DeliveryMethod } from "../change-requests.ts";
import type { Queryable } from "../database.ts";
import type { Consequences, Sealed } from "../store.ts";
import { consequencesJson, writeConsequences } from "./consequences.ts";
import { queryResult } from "./result.ts";

export function authorizeChangeRequest(
  database: Queryable,
  id: string,
  authorization: { deliveryMethod: DeliveryMethod; deviceId: string | null; sealedSecret: Sealed; at: Date },
  consequences: Consequences,
): Promise<"authorized" | "ended"> {
  const { deliveryMethod, deviceId, sealedSecret, at } = authorization;
  return queryResult(database, sql, [
    id,
    deliveryMethod,
    deviceId,
    sealedSecret.keyId,
    sealedSecret.bytes,
    at,
    consequencesJson(consequences),
  ]);
}

const sql = `
with authorized as (
  update change_requests
  set
    status = 'CONFIRMATION_REQUIRED', delivery_method = $2, device_id = $3, secret_key_id = $4, secret_sealed = $5,
    updated_at = $6
  where id = $1 and status in ('AUTHORIZATION_REQUIRED', 'CONFIRMATION_REQUIRED') and expires_at > $6
  returning id
),
due as materialized (select $7::jsonb as consequences from authorized),
${writeConsequences}
select case when exists (select from authorized) then 'authorized' else 'ended' end as result`;
