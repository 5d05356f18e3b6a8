import type { Queryable } from "../../database/index.ts";
import type { Partner } from "../records.ts";
import { partnerColumns } from "./partner-columns.ts";

export async function findPartner(database: Queryable, id: string): Promise<Partner | null> {
  return (await database.query<Partner>(sql, [id]))[0] ?? null;
}

const sql = `select ${partnerColumns} from partners where id = $1`;
