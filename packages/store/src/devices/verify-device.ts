import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";

export function verifyDevice(
  database: Database,
  id: string,
  maxDevices: number,
  auditAndOutbox: AuditAndOutbox,
): Promise<"verified" | "too_many" | "unknown"> {
  // Two statements, because a statement that waits for a lock counts the rows as they were before it waited.
  return database.transaction(async (transaction) => {
    await transaction.query(lockPerson, [id]);
    return queryResult(transaction, sql, [id, maxDevices, auditAndOutboxJson(auditAndOutbox)]);
  });
}

const lockPerson = `
select from persons where id = (select person_id from devices where id = $1) for no key update`;

const sql = `
with device as materialized (
  select id, person_id from devices where id = $1 and state = 'unverified' for no key update
),
verified as (
  update devices set state = 'verified'
  from device
  where devices.id = device.id
    and (select count(*) from devices where person_id = (select person_id from device) and state = 'verified') < $2
  returning devices.id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from verified),
${writeAuditAndOutbox}
select case
  when exists (select from verified) then 'verified'
  when exists (select from device) then 'too_many'
  else 'unknown'
end as result`;
