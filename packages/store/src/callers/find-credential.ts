import type { Queryable } from "../database/index.ts";
import { credentialColumns } from "./list-credentials.ts";
import type { Credential, CredentialKind } from "./records.ts";

export async function findCredential(
  database: Queryable,
  kind: CredentialKind,
  clientId: string,
): Promise<Credential | null> {
  return (await database.query<Credential>(sql, [kind, clientId]))[0] ?? null;
}

const sql = `
select ${credentialColumns}, secret_hash as "secretHash"
from credentials
where kind = $1 and client_id = $2 and revoked_at is null`;
