import type { Queryable } from "../../database/index.ts";
import { deleteInBatches } from "../../statements/index.ts";

export function deleteExpiredAccessTokens(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "access_tokens", "expires_at < $1", [before]);
}
