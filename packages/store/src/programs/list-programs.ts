import type { Queryable } from "../database/index.ts";
import type { Program } from "../records.ts";

export function listPrograms(database: Queryable): Promise<Program[]> {
  return database.query<Program>(sql);
}

const sql = `select id, name, settings, created_at as "createdAt" from programs order by created_at, id`;
