import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteSpentSessions(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "spent_sessions", "expires_at < $1", [before]);
}
