import type { Queryable } from "../database/index.ts";
import type { Credential, CredentialKind } from "./records.ts";

export async function findCredentialBySecret(
  database: Queryable,
  kind: CredentialKind,
  secretHash: Uint8Array,
): Promise<Credential | null> {
  return (await database.query<Credential>(sql, [kind, secretHash]))[0] ?? null;
}

const sql = `
select
  kind, client_id as "clientId", partner_id as "partnerId", secret_hash as "secretHash", roles, created_at as "createdAt"
from credentials
where kind = $1 and secret_hash = $2 and revoked_at is null`;
