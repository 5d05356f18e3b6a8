import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox, ReplayMark } from "../records.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { ChangeRequest } from "./records.ts";

export function addChangeRequest(
  database: Queryable,
  request: ChangeRequest,
  mark: ReplayMark,
  auditAndOutbox: AuditAndOutbox,
): Promise<"added" | "replayed"> {
  return queryResult(database, sql, [
    mark.mark,
    mark.keyId,
    request.id,
    request.cardId,
    request.personId,
    request.status,
    request.sealedPin?.keyId ?? null,
    request.sealedPin?.bytes ?? null,
    request.deliveryMethod,
    request.deviceId,
    request.sealedSecret?.keyId ?? null,
    request.sealedSecret?.bytes ?? null,
    request.tries,
    request.createdAt,
    request.updatedAt,
    request.expiresAt,
    auditAndOutboxJson(auditAndOutbox),
  ]);
}

const sql = `
with spent as (
  insert into replay_marks (mark, key_id) values ($1, $2) on conflict do nothing returning mark
),
added as (
  insert into change_requests
    (id, card_id, person_id, status, pin_key_id, pin_sealed, delivery_method, device_id, secret_key_id, secret_sealed,
     tries, created_at, updated_at, expires_at)
  select
    $3, $4, $5, $6, $7, $8::bytea, $9, $10, $11, $12::bytea,
    $13::int, $14::timestamptz, $15::timestamptz, $16::timestamptz
  from spent
  returning id
),
due as materialized (select 1 as number, $17::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case when exists (select from added) then 'added' else 'replayed' end as result`;
