import type { Queryable } from "../database/database.ts";
import { deleteInBatches } from "../statements/delete-in-batches.ts";

export function deleteReplayMarks(database: Queryable, keyIds: readonly string[]): Promise<number> {
  return deleteInBatches(database, "replay_marks", "key_id = any ($1)", [[...keyIds]]);
}
