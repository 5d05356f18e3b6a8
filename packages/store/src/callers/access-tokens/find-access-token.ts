import { bytes, groupedQuery, type ItemRow, recordOf } from "../../groups/index.ts";
import type { AccessToken } from "../records.ts";

// Revoking deletes the tokens, but one may have been added at the same time. So the credential is checked here too.
export const findAccessToken = groupedQuery<[tokenHash: Uint8Array], ItemRow & AccessToken, AccessToken | null>({
  columns: { hash: bytes((tokenHash) => tokenHash) },
  sql: ({ item }) => `
with ${item}
select
  item.number, token_hash as "tokenHash", client_id as "clientId", credentials.partner_id as "partnerId", audience,
  expires_at as "expiresAt"
from item join access_tokens on token_hash = item.hash join credentials using (client_id)
where revoked_at is null`,
  resultOf: recordOf,
});
