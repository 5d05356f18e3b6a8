import type { Queryable } from "../database/database.ts";
import type { Partner } from "./callers.ts";

export function listPartners(database: Queryable): Promise<Partner[]> {
  return database.query<Partner>(sql);
}

const sql = `select id, name, created_at as "createdAt" from partners order by created_at, id`;
