import type { Queryable } from "../../database/index.ts";
import type { AuditAndOutbox } from "../../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../../statements/index.ts";
import type { Partner } from "../records.ts";

export function updatePartner(
  database: Queryable,
  { id, mayRegisterMobileNumbers }: Pick<Partner, "id" | "mayRegisterMobileNumbers">,
  auditAndOutbox: AuditAndOutbox,
): Promise<"updated" | "unknown"> {
  return queryResult(database, sql, [id, mayRegisterMobileNumbers, auditAndOutboxJson(auditAndOutbox)]);
}

const sql = `
with updated as (
  update partners set may_register_mobile_numbers = $2 where id = $1 returning id
),
due as materialized (select 1 as number, $3::jsonb as audit_and_outbox from updated),
${writeAuditAndOutbox}
select case when exists (select from updated) then 'updated' else 'unknown' end as result`;
