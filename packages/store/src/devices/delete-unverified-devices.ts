import type { Queryable } from "../database/index.ts";
import { deleteInBatches } from "../statements/index.ts";

// Challenges and keys are deleted first. If the process ends in between, the next call deletes the rest.
export async function deleteUnverifiedDevices(database: Queryable, before: Date): Promise<number> {
  for (const table of ["challenges", "device_keys"])
    await deleteInBatches(database, table, `device_id in (select id from devices where ${unverified})`, [before]);
  return deleteInBatches(database, "devices", unverified, [before]);
}

const unverified = "state = 'unverified' and created_at < $1";
