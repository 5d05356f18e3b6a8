import type { Queryable } from "../database/index.ts";
import { type UserRow, userColumns, userOf } from "./find-signing-user.ts";
import type { SigningUser, SigningUserFilter } from "./records.ts";

export async function listSigningUsers(
  database: Queryable,
  partnerId: string,
  { reference, skip, limit }: SigningUserFilter,
): Promise<{ users: SigningUser[]; total: number }> {
  const rows = await database.query<UserRow>(page, [partnerId, reference, skip, limit]);
  const [counted] = await database.query<{ total: number }>(count, [partnerId, reference]);
  return { users: rows.map(userOf), total: counted?.total ?? 0 };
}

const isListed = "partner_id = $1 and deleted_at is null and ($2::text is null or reference = $2)";
const page = `
select ${userColumns} from signing_users users
where ${isListed} order by users.created_at, users.id offset $3 limit $4`;
const count = `select count(*)::int as total from signing_users where ${isListed}`;
