import type { Queryable } from "../database.ts";
import { deleteInBatches } from "./delete-in-batches.ts";

export function deleteWrongSecretCounts(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "wrong_secrets", "minute < $1", [before]);
}
