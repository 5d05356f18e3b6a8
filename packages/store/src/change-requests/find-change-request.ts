import type { Queryable } from "../database/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { ChangeRequest } from "./records.ts";

export async function findChangeRequest(database: Queryable, id: string): Promise<ChangeRequest | null> {
  const [row] = await database.query<ChangeRequestRow>(sql, [id]);
  if (row === undefined) return null;
  const { pin_key_id, pin_sealed, secret_key_id, secret_sealed, ...request } = row;
  return {
    ...request,
    sealedPin: sealedOf(pin_key_id, pin_sealed),
    sealedSecret: sealedOf(secret_key_id, secret_sealed),
  };
}

interface ChangeRequestRow extends Omit<ChangeRequest, "sealedPin" | "sealedSecret"> {
  readonly pin_key_id: string | null;
  readonly pin_sealed: Uint8Array | null;
  readonly secret_key_id: string | null;
  readonly secret_sealed: Uint8Array | null;
}

const sql = `
select
  requests.id, card_id as "cardId", person_id as "personId", persons.partner_id as "partnerId", status,
  pin_key_id, pin_sealed, delivery_method as "deliveryMethod", device_id as "deviceId", secret_key_id, secret_sealed,
  tries, requests.created_at as "createdAt", updated_at as "updatedAt", expires_at as "expiresAt"
from change_requests requests join persons on persons.id = requests.person_id
where requests.id = $1`;
