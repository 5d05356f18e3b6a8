import type { Database, Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { SigningMethodDeletion, SigningRefusal } from "./records.ts";
import { withAuthorization } from "./with-authorization.ts";

export function deleteSigningMethod(
  database: Database,
  deletion: SigningMethodDeletion,
): Promise<"deleted" | "unknown" | SigningRefusal> {
  const { userId, methodId, auditAndOutbox } = deletion;
  const remove = (transaction: Queryable) =>
    queryResult<"deleted" | "unknown">(transaction, sql, [userId, methodId, auditAndOutboxJson(auditAndOutbox)]);
  return withAuthorization(database, deletion, remove, "deleted");
}

const sql = `
with deleted as (
  delete from signing_methods where id = $2 and user_id = $1 and type <> 'PIN' returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from deleted),
${writeAuditAndOutbox}
select case when exists (select from deleted) then 'deleted' else 'unknown' end as result`;
