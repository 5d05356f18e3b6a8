import type { Queryable } from "../database/index.ts";
import { querySigningUsers } from "./find-signing-user.ts";
import type { SigningUser } from "./records.ts";

export function listSigningUsers(
  database: Queryable,
  partnerId: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<SigningUser[]> {
  const which = "where partner_id = $1 order by created_at, id offset $2 limit $3";
  return querySigningUsers(database, which, [partnerId, skip, limit]);
}
