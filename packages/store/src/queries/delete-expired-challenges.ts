import type { Queryable } from "../database.ts";
import { deleteInBatches } from "./delete-in-batches.ts";

export function deleteExpiredChallenges(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "challenges", "expires_at < $1", [before]);
}
