import type { Queryable } from "../../database/index.ts";
import type { AccessToken } from "../records.ts";

export async function addAccessToken(
  database: Queryable,
  { tokenHash, clientId, audience, expiresAt }: AccessToken,
): Promise<void> {
  await database.query(sql, [tokenHash, clientId, audience, expiresAt]);
}

const sql = `insert into access_tokens (token_hash, client_id, audience, expires_at) values ($1, $2, $3, $4)`;
