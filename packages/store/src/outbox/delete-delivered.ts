import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteDelivered(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "outbox", "state = 'delivered' and ended_at < $1", [before]);
}
