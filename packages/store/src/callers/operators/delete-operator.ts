import type { Database } from "../../database/index.ts";
import type { AuditAndOutbox } from "../../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../../statements/index.ts";

export function deleteOperator(
  database: Database,
  name: string,
  auditAndOutbox: AuditAndOutbox,
): Promise<"deleted" | "last" | "unknown"> {
  // Two statements, as in `verifyDevice`: the operators must be counted after the lock is held.
  return database.transaction(async (transaction) => {
    await transaction.query(lockOperators);
    return queryResult(transaction, sql, [name, auditAndOutboxJson(auditAndOutbox)]);
  });
}

const lockOperators = "select from operators order by name for update";

const sql = `
with deleted as (
  delete from operators where name = $1 and (select count(*) from operators) > 1 returning name
),
due as materialized (select 1 as number, $2::jsonb as audit_and_outbox from deleted),
${writeAuditAndOutbox}
select case
  when exists (select from deleted) then 'deleted'
  when exists (select from operators where name = $1) then 'last'
  else 'unknown'
end as result`;
