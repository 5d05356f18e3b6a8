import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import { methodColumns, methodOf, type SigningMethodRow } from "./find-signing-user.ts";
import type { OwnedSigningMethod } from "./records.ts";

export const findSigningMethod = groupedQuery<[id: string], Row, OwnedSigningMethod | null>({
  columns: { id: text((id) => id) },
  sql: ({ item }) => `
with ${item}
select item.number, ${methodColumns}, signing_users.id as "userId", signing_users.partner_id as "partnerId"
from item
join signing_methods methods on methods.id = item.id
join signing_users on signing_users.id = methods.user_id and signing_users.deleted_at is null`,
  resultOf: (row) => (row === undefined ? null : { ...methodOf(row), userId: row.userId, partnerId: row.partnerId }),
});

interface Row extends SigningMethodRow, ItemRow {
  readonly userId: string;
  readonly partnerId: string;
}
