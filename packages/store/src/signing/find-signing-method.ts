import type { Queryable } from "../database/index.ts";
import { methodColumns, methodOf, type SigningMethodRow } from "./find-signing-user.ts";
import type { OwnedSigningMethod } from "./records.ts";

export async function findSigningMethod(database: Queryable, id: string): Promise<OwnedSigningMethod | null> {
  const [row] = await database.query<Row>(sql, [id]);
  return row === undefined ? null : { ...methodOf(row), userId: row.userId, partnerId: row.partnerId };
}

interface Row extends SigningMethodRow {
  readonly userId: string;
  readonly partnerId: string;
}

const sql = `
select ${methodColumns}, signing_users.id as "userId", signing_users.partner_id as "partnerId"
from signing_methods methods join signing_users on signing_users.id = methods.user_id
where methods.id = $1`;
