import type { Queryable } from "../database/index.ts";
import type { AuditCheckpoint } from "./records.ts";

export function listAuditCheckpoints(
  database: Queryable,
  { afterSequence, limit }: { afterSequence: bigint; limit: number },
): Promise<AuditCheckpoint[]> {
  return database.query<AuditCheckpoint>(sql, [afterSequence, limit]);
}

export const checkpointColumns = `sequence, content, key_id as "keyId", signature`;

const sql = `
select ${checkpointColumns} from audit_checkpoints
where sequence > $1
order by sequence
limit $2`;
