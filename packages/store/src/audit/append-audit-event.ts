import type { Queryable } from "../database/database.ts";
import { noteJson, writeConsequences } from "../statements/consequences.ts";
import type { AuditEntry } from "../store.ts";

export async function appendAuditEvent(database: Queryable, audit: AuditEntry): Promise<void> {
  await database.query(sql, [noteJson(audit)]);
}

const sql = `
with due as materialized (select $1::jsonb as consequences),
${writeConsequences}
select from due`;
