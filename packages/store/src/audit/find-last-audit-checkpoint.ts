import type { Queryable } from "../database/index.ts";
import { checkpointColumns } from "./list-audit-checkpoints.ts";
import type { AuditCheckpoint } from "./records.ts";

export async function findLastAuditCheckpoint(database: Queryable): Promise<AuditCheckpoint | null> {
  const [last] = await database.query<AuditCheckpoint>(sql);
  return last ?? null;
}

const sql = `select ${checkpointColumns} from audit_checkpoints order by sequence desc limit 1`;
