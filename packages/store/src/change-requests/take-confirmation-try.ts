import type { Queryable } from "../database/index.ts";
import { takeTryOf } from "../statements/index.ts";

export function takeConfirmationTry(
  database: Queryable,
  id: string,
  maxTries: number,
  at: Date,
): Promise<"taken" | "ended"> {
  const waiting = { table: "change_requests", condition: "status = 'CONFIRMATION_REQUIRED'" };
  return takeTryOf(database, waiting, { id, maxTries, at });
}
