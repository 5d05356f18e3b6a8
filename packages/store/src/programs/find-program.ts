import type { Queryable } from "../database/index.ts";
import type { Program } from "../records.ts";

export async function findProgram(database: Queryable, id: string): Promise<Program | null> {
  return (await database.query<Program>(sql, [id]))[0] ?? null;
}

const sql = `select id, name, settings, created_at as "createdAt" from programs where id = $1`;
