import type { Queryable } from "../database/index.ts";
import type { AuditEvent } from "./records.ts";

export function listCardAuditEvents(
  database: Queryable,
  cardId: string,
  { skip, limit }: { skip: number; limit: number },
): Promise<AuditEvent[]> {
  return database.query<AuditEvent>(sql, [cardId, skip, limit]);
}

export const auditEventColumns = `shard, sequence, card_id as "cardId", occurred_at as "occurredAt", content, hash`;

const sql = `
select ${auditEventColumns} from audit_events
where card_id = $1
order by occurred_at, shard, sequence
offset $2 limit $3`;
