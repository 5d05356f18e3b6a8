import type { Queryable } from "../../database/index.ts";
import type { Credential } from "../records.ts";

export function listCredentials(database: Queryable, partnerId: string): Promise<Omit<Credential, "secretHash">[]> {
  return database.query<Omit<Credential, "secretHash">>(sql, [partnerId]);
}

export const credentialColumns = `
  kind, client_id as "clientId", partner_id as "partnerId", roles, created_at as "createdAt"`;

const sql = `
select ${credentialColumns}
from credentials
where partner_id = $1 and revoked_at is null
order by created_at, client_id`;
