import type { Queryable } from "../database/index.ts";
import type { Operator } from "./records.ts";

export async function findOperator(database: Queryable, apiKeyHash: Uint8Array): Promise<Operator | null> {
  return (await database.query<Operator>(sql, [apiKeyHash]))[0] ?? null;
}

const sql = `
select api_key_hash as "apiKeyHash", name, created_at as "createdAt" from operators where api_key_hash = $1`;
