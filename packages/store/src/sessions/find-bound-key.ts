import { groupedQuery, type ItemRow, recordOf, text } from "../groups/index.ts";
import type { BoundKey } from "./records.ts";

export const findBoundKey = groupedQuery<[thumbprint: string], ItemRow & BoundKey, BoundKey | null>({
  columns: { asked: text((thumbprint) => thumbprint) },
  sql: ({ item }) => `
with ${item}
select
  item.number, thumbprint, person_id as "personId", public_point as "publicPoint", bound_at as "boundAt",
  unbound_at as "unboundAt", by_native_only as "byNativeOnly"
from item join bound_keys on thumbprint = item.asked`,
  resultOf: recordOf,
});
