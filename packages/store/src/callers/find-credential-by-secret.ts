import type { Queryable } from "../database/index.ts";
import { credentialColumns } from "./list-credentials.ts";
import type { Credential, CredentialKind } from "./records.ts";

export async function findCredentialBySecret(
  database: Queryable,
  kind: CredentialKind,
  secretHash: Uint8Array,
): Promise<Credential | null> {
  return (await database.query<Credential>(sql, [kind, secretHash]))[0] ?? null;
}

const sql = `
select ${credentialColumns}, secret_hash as "secretHash"
from credentials
where kind = $1 and secret_hash = $2 and revoked_at is null`;
