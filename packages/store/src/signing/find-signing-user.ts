import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { SigningMethod, SigningUser } from "./records.ts";

export const findSigningUser = groupedQuery<[id: string], UserRow & ItemRow, SigningUser | null>({
  columns: { asked_id: text((id) => id) },
  sql: ({ item }) => `
with ${item}
select item.number, ${userColumns}
from item join signing_users users on users.id = asked_id and users.deleted_at is null`,
  resultOf: (row) => (row === undefined ? null : userOf(row)),
});

/** A user of `signing_users users` with its methods, oldest first. */
export const userColumns = `
  users.id, users.partner_id as "partnerId", users.reference, users.created_at as "createdAt",
  (
    select json_agg(
      json_build_object(
        'id', methods.id, 'type', methods.type, 'physicalDeviceId', methods.physical_device_id,
        'version', methods.version, 'macKeyId', methods.mac_key_id, 'macHex', encode(methods.mac, 'hex'),
        'incorrectAttempts', methods.incorrect_attempts, 'needsRecovery', methods.needs_recovery,
        'createdAt', methods.created_at
      ) order by methods.created_at, methods.id
    )
    from signing_methods methods where methods.user_id = users.id
  ) as methods`;

export interface UserRow extends Omit<SigningUser, "methods"> {
  /** Null: there is none. */
  readonly methods: readonly MethodJson[] | null;
}

interface MethodJson extends Omit<SigningMethod, "mac" | "createdAt"> {
  readonly macKeyId: string;
  readonly macHex: string;
  readonly createdAt: string;
}

export function userOf({ id, partnerId, reference, createdAt, methods }: UserRow): SigningUser {
  return { id, partnerId, reference, createdAt, methods: (methods ?? []).map(methodOf) };
}

function methodOf({ macKeyId, macHex, createdAt, ...method }: MethodJson): SigningMethod {
  const mac = sealedOf(macKeyId, new Uint8Array(Buffer.from(macHex, "hex")));
  return { ...method, mac, createdAt: new Date(createdAt) };
}
