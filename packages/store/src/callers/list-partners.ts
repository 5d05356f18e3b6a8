import type { Queryable } from "../database/index.ts";
import type { Partner } from "./records.ts";

export function listPartners(database: Queryable): Promise<Partner[]> {
  return database.query<Partner>(sql);
}

const sql = `select id, name, created_at as "createdAt" from partners order by created_at, id`;
