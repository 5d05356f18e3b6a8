import type { Queryable } from "../database/database.ts";
import { deleteInBatches } from "../statements/delete-in-batches.ts";

export function deleteDeadMessages(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "outbox", "state = 'dead' and topic = 'message' and ended_at < $1", [before]);
}
