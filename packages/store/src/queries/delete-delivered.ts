import type { Queryable } from "../database.ts";
import { deleteInBatches } from "./delete-in-batches.ts";

export function deleteDelivered(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "outbox", "state = 'delivered' and ended_at < $1", [before]);
}
