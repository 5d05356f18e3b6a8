import type { Queryable } from "../database/index.ts";
import { takeTryOf } from "../statements/index.ts";

export function takeTry(database: Queryable, id: string, maxTries: number, at: Date): Promise<"taken" | "ended"> {
  return takeTryOf(database, { table: "challenges", condition: "state = 'open'" }, { id, maxTries, at });
}
