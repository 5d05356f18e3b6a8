import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteIdempotentRequests(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "idempotent_requests", "started_at < $1", [before]);
}
