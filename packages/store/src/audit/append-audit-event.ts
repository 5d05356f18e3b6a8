import type { Queryable } from "../database/index.ts";
import type { AuditEntry } from "../records.ts";
import { auditJson, writeAuditAndOutbox } from "../statements/index.ts";

export async function appendAuditEvent(database: Queryable, audit: AuditEntry): Promise<void> {
  await database.query(sql, [auditJson(audit)]);
}

const sql = `
with due as materialized (select $1::jsonb as audit_and_outbox),
${writeAuditAndOutbox}
select from due`;
