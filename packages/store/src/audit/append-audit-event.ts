import type { Queryable } from "../database/index.ts";
import type { AuditEntry } from "../records.ts";
import { noteJson, writeConsequences } from "../statements/index.ts";

export async function appendAuditEvent(database: Queryable, audit: AuditEntry): Promise<void> {
  await database.query(sql, [noteJson(audit)]);
}

const sql = `
with due as materialized (select $1::jsonb as consequences),
${writeConsequences}
select from due`;
