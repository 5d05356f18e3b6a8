import type { Queryable } from "../database/database.ts";
import { addToOutbox, outboxJson } from "../statements/consequences.ts";
import type { OutboxEntry } from "../store.ts";

export async function addOutboxEntry(database: Queryable, entry: OutboxEntry): Promise<void> {
  await database.query(sql, [outboxJson([entry])]);
}

const sql = addToOutbox("(select $1::jsonb) as added (outbox)");
