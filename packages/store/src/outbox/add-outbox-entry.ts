import type { Queryable } from "../database/index.ts";
import type { OutboxEntry } from "../records.ts";
import { addToOutbox, outboxJson } from "../statements/index.ts";

export async function addOutboxEntry(database: Queryable, entry: OutboxEntry): Promise<void> {
  await database.query(sql, [outboxJson([entry])]);
}

const sql = addToOutbox("(select 1, $1::jsonb) as added (number, outbox)", "number");
