import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { NewCardData } from "./records.ts";

export function setCardData(
  database: Queryable,
  cardId: string,
  { expiration, sealed, panMac }: NewCardData,
  auditAndOutbox: AuditAndOutbox,
): Promise<"set" | "unknown"> {
  const { month, year } = expiration;
  return queryResult(database, sql, [
    cardId,
    month,
    year,
    sealed.keyId,
    sealed.bytes,
    auditAndOutboxJson(auditAndOutbox),
    panMac?.bytes ?? null,
    panMac?.keyId ?? null,
  ]);
}

const sql = `
with data as (
  insert into card_data (card_id, expiration_month, expiration_year, key_id, sealed, pan_mac, pan_mac_key_id)
  select id, $2, $3, $4, $5, $7, $8 from cards where id = $1
  on conflict (card_id) do update set
    expiration_month = excluded.expiration_month,
    expiration_year = excluded.expiration_year,
    key_id = excluded.key_id,
    sealed = excluded.sealed,
    pan_mac = excluded.pan_mac,
    pan_mac_key_id = excluded.pan_mac_key_id
  returning card_id
),
due as materialized (select 1 as number, $6::jsonb as audit_and_outbox from data),
${writeAuditAndOutbox}
select case when exists (select from data) then 'set' else 'unknown' end as result`;
