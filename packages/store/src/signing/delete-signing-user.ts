import type { Database, Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { SigningRefusal, SigningUserDeletion } from "./records.ts";
import { withAuthorization } from "./with-authorization.ts";

type Result = "deleted" | "unknown" | "authorization_missing";

export function deleteSigningUser(database: Database, deletion: SigningUserDeletion): Promise<Result | SigningRefusal> {
  return withAuthorization(database, deletion, (transaction) => remove(transaction, deletion), "deleted");
}

async function remove(
  transaction: Queryable,
  { userId, authorization, auditAndOutbox }: SigningUserDeletion,
): Promise<Result> {
  // A statement of its own: after the wait for this lock, the next one sees a method that was added meanwhile.
  await transaction.query(lockUser, [userId]);
  return queryResult(transaction, sql, [userId, authorization !== null, auditAndOutboxJson(auditAndOutbox)]);
}

const lockUser = "select from signing_users where id = $1 for no key update";

// The row of the user stays, because the idempotency keys that the user spent refer to it.
const sql = `
with present as (
  select id, exists (select from signing_methods where user_id = $1) as has_methods
  from signing_users
  where id = $1 and deleted_at is null
),
deleted as (
  update signing_users
  set deleted_at = ($3::jsonb -> 'audit' ->> 'occurredAt')::timestamptz, reference = null
  from present
  where signing_users.id = present.id and ($2::boolean or not has_methods)
  returning signing_users.id
),
methods as (
  delete from signing_methods using deleted where signing_methods.user_id = deleted.id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from deleted),
${writeAuditAndOutbox}
select case
  when exists (select from deleted) then 'deleted'
  when exists (select from present) then 'authorization_missing'
  else 'unknown'
end as result`;
