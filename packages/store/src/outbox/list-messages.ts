import type { Queryable } from "../database/index.ts";
import type { OutboxEntry } from "../records.ts";
import { sealedOf } from "../statements/index.ts";

export async function listMessages(
  database: Queryable,
  recipient: string | null,
  limit: number,
): Promise<OutboxEntry[]> {
  return (await database.query<OutboxRow>(sql, [recipient, limit])).map(outboxEntryOf);
}

export const outboxColumns = `
  id, ordering_key as "orderingKey", topic, recipient, channel, payload, text_key_id, text_sealed,
  created_at as "createdAt"`;

export interface OutboxRow extends Omit<OutboxEntry, "sealedText"> {
  readonly text_key_id: string | null;
  readonly text_sealed: Uint8Array | null;
}

export function outboxEntryOf(row: OutboxRow): OutboxEntry {
  const { id, orderingKey, topic, recipient, channel, payload, createdAt } = row;
  const sealedText = sealedOf(row.text_key_id, row.text_sealed);
  return { id, orderingKey, topic, recipient, channel, payload, sealedText, createdAt };
}

/** The newest `limit` events, in the order in which they were added. */
export async function listEvents(database: Queryable, limit: number): Promise<OutboxEntry[]> {
  return (await database.query<OutboxRow>(eventsSql, [limit])).map(outboxEntryOf);
}

const eventsSql = `
with newest as (select * from outbox where topic = 'event' order by position desc limit $1)
select ${outboxColumns} from newest order by position`;

const sql = `
with newest as (
  select * from outbox
  where topic = 'message' and ($1::text is null or recipient = $1)
  order by position desc
  limit $2
)
select ${outboxColumns} from newest order by position`;
