import type { Queryable } from "../database/database.ts";
import { deleteInBatches } from "../statements/delete-in-batches.ts";

export function deleteWrongSecretCounts(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "wrong_secrets", "minute < $1", [before]);
}
