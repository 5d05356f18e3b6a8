import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

/** What belongs to them goes first: cut off in between, the rest goes the next time. */
export async function deleteUnverifiedDevices(database: Queryable, before: Date): Promise<number> {
  for (const table of ["challenges", "device_keys"])
    await deleteInBatches(database, table, `device_id in (select id from devices where ${unverified})`, [before]);
  return deleteInBatches(database, "devices", unverified, [before]);
}

const unverified = "state = 'unverified' and created_at < $1";
