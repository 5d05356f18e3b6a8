import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteDeadMessages(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "outbox", "state = 'dead' and topic <> 'event' and ended_at < $1", [before]);
}
