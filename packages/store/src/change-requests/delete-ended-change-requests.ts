import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteEndedChangeRequests(database: Queryable, before: Date): Promise<number> {
  return deleteInBatches(database, "change_requests", "status in ('COMPLETED', 'FAILED') and updated_at < $1", [
    before,
  ]);
}
