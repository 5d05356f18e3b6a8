import type { Queryable } from "../database/index.ts";
import type { ProtectedByKey } from "./records.ts";
import { countsOfProtected } from "./sealed-kinds.ts";

export async function countProtected(database: Queryable, keyId: string): Promise<ProtectedByKey> {
  const [row] = await database.query<ProtectedByKey>(sql, [keyId]);
  if (row === undefined) throw new TypeError("counts are one row");
  return row;
}

const sql = `select ${countsOfProtected("$1")}`;
