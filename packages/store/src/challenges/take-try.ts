import type { Queryable } from "../database/index.ts";

export async function takeTry(database: Queryable, id: string, maxTries: number, at: Date): Promise<"taken" | "ended"> {
  return (await database.query(sql, [id, maxTries, at])).length > 0 ? "taken" : "ended";
}

const sql = `
update challenges set tries = tries + 1
where id = $1 and state = 'open' and tries < $2 and expires_at > $3
returning id`;
