import type { Queryable } from "../database/index.ts";
import { auditEventColumns } from "./list-card-audit-events.ts";
import type { AuditEvent } from "./records.ts";

export function listShardAuditEvents(
  database: Queryable,
  shard: number,
  { afterSequence, limit }: { afterSequence: bigint; limit: number },
): Promise<AuditEvent[]> {
  return database.query<AuditEvent>(sql, [shard, afterSequence, limit]);
}

const sql = `
select ${auditEventColumns} from audit_events
where shard = $1 and sequence > $2
order by sequence
limit $3`;
