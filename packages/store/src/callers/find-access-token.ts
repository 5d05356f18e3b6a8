import type { Queryable } from "../database/index.ts";
import type { AccessToken } from "./records.ts";

export async function findAccessToken(database: Queryable, tokenHash: Uint8Array): Promise<AccessToken | null> {
  return (await database.query<AccessToken>(sql, [tokenHash]))[0] ?? null;
}

// Revoking deletes the tokens, but one may have been added at the same time. So the credential is checked here too.
const sql = `
select
  token_hash as "tokenHash", client_id as "clientId", credentials.partner_id as "partnerId", audience,
  expires_at as "expiresAt"
from access_tokens join credentials using (client_id)
where token_hash = $1 and revoked_at is null`;
