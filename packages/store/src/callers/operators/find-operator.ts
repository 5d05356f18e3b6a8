import { bytes, groupedQuery, type ItemRow, recordOf } from "../../groups/index.ts";
import type { Operator } from "../records.ts";

export const findOperator = groupedQuery<[apiKeyHash: Uint8Array], ItemRow & Operator, Operator | null>({
  columns: { asked_hash: bytes((apiKeyHash) => apiKeyHash) },
  sql: ({ item }) => `
with ${item}
select item.number, api_key_hash as "apiKeyHash", name, created_at as "createdAt"
from item join operators on api_key_hash = asked_hash`,
  resultOf: recordOf,
});
