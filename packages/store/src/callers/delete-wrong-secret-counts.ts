import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteWrongSecretCounts(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "wrong_secrets", "minute < $1", [before]);
}
