import type { Queryable } from "../database.ts";
import type { OutboxEntry } from "../store.ts";
import { addToOutbox, outboxJson } from "./consequences.ts";

export async function addOutboxEntry(database: Queryable, entry: OutboxEntry): Promise<void> {
  await database.query(sql, [outboxJson([entry])]);
}

const sql = addToOutbox("(select $1::jsonb) as added (outbox)");
