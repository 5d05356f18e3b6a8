import type { Queryable } from "../database/database.ts";
import { deleteInBatches } from "../statements/delete-in-batches.ts";

export function deleteEndedChangeRequests(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "change_requests", "status in ('COMPLETED', 'FAILED') and updated_at < $1", [
    before,
  ]);
}
