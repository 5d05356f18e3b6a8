import type { Queryable } from "../../database/index.ts";
import type { Operator } from "../records.ts";

export function listOperators(database: Queryable): Promise<Omit<Operator, "apiKeyHash">[]> {
  return database.query<Omit<Operator, "apiKeyHash">>(sql);
}

const sql = `select name, created_at as "createdAt" from operators order by created_at, name`;
