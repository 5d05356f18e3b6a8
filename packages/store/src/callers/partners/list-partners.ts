import type { Queryable } from "../../database/index.ts";
import type { Partner } from "../records.ts";
import { partnerColumns } from "./partner-columns.ts";

export function listPartners(database: Queryable): Promise<Partner[]> {
  return database.query<Partner>(sql);
}

const sql = `select ${partnerColumns} from partners order by created_at, id`;
