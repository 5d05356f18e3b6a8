import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteExpiredChallenges(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "challenges", "expires_at < $1", [before]);
}
