import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { OwnedSigningMethod } from "./records.ts";

export const findSigningMethod = groupedQuery<[id: string], Row, OwnedSigningMethod | null>({
  columns: { id: text((id) => id) },
  sql: ({ item }) => `
with ${item}
select
  item.number, methods.id, methods.type, methods.physical_device_id as "physicalDeviceId", methods.version,
  methods.mac_key_id, methods.mac, methods.incorrect_attempts as "incorrectAttempts",
  methods.needs_recovery as "needsRecovery", methods.created_at as "createdAt", signing_users.id as "userId",
  signing_users.partner_id as "partnerId"
from item
join signing_methods methods on methods.id = item.id
join signing_users on signing_users.id = methods.user_id and signing_users.deleted_at is null`,
  resultOf: (row) => {
    if (row === undefined) return null;
    const { number: _, mac_key_id, mac, ...method } = row;
    return { ...method, mac: sealedOf(mac_key_id, mac) };
  },
});

interface Row extends ItemRow, Omit<OwnedSigningMethod, "mac"> {
  readonly mac_key_id: string;
  readonly mac: Uint8Array;
}
