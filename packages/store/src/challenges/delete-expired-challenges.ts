import type { Queryable } from "../database/database.ts";
import { deleteInBatches } from "../statements/delete-in-batches.ts";

export function deleteExpiredChallenges(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "challenges", "expires_at < $1", [before]);
}
