import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

export function deleteReplayMarks(database: Queryable, keyIds: readonly string[]): Promise<number> {
  return deleteInBatches(database, "replay_marks", "key_id = any ($1)", [[...keyIds]]);
}
