import type { Program } from "../cards/cards.ts";
import type { Queryable } from "../database/database.ts";

export function listPrograms(database: Queryable): Promise<Program[]> {
  return database.query<Program>(sql);
}

const sql = `select id, name, settings, created_at as "createdAt" from programs order by created_at, id`;
