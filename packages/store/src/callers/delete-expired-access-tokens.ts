import type { Queryable } from "../database/database.ts";
import { deleteInBatches } from "../statements/delete-in-batches.ts";

export function deleteExpiredAccessTokens(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "access_tokens", "expires_at < $1", [before]);
}
