import { eraseSealed } from "../change-requests/index.ts";
import type { Queryable } from "../database/index.ts";
import { auditAndOutboxJson, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { PinChange, PinChangeResult } from "./records.ts";

export function changePin(database: Queryable, change: PinChange): Promise<PinChangeResult> {
  return queryResult(database, sql, [
    change.cardId,
    change.fromVersion,
    change.changeRequestId,
    change.at,
    change.mark?.mark ?? null,
    change.mark?.keyId ?? null,
    change.sealed.keyId,
    change.sealed.bytes,
    change.unblocks,
    !change.offlinePin,
    change.pinHistoryLength,
    auditAndOutboxJson(change.auditAndOutbox),
  ]);
}

// Each CTE reads from the one before it: first the card, then the change request, then the mark, and only then is
// anything else written. The rows that decide are locked before they are read, so they do not change before the commit.
const sql = `
with card as materialized (
  select id, pin_version, pin_key_id, pin_sealed from cards
  where id = $1 and pin_version = $2 and state = 'active'
  for no key update
),
request as materialized (
  select change_requests.id from change_requests
  where id = $3 and card_id = (select id from card) and status = 'CONFIRMATION_REQUIRED' and expires_at > $4
  for no key update
),
allowed as materialized (
  select * from card where $3::text is null or exists (select from request)
),
spent as (
  insert into replay_marks (mark, key_id)
  select $5::bytea, $6::text from allowed where $5::bytea is not null
  on conflict do nothing
  returning mark
),
decided as materialized (
  select * from allowed where $5::bytea is null or exists (select from spent)
),
changed as (
  update cards
  set
    pin_version = cards.pin_version + 1,
    pin_key_id = $7,
    pin_sealed = $8,
    pin_status = case when cards.pin_status = 'blocked' and not $9::boolean then 'blocked' else 'active' end,
    pin_failures = case when cards.pin_status = 'blocked' and not $9::boolean then cards.pin_failures else 0 end,
    chip_version = case when $10::boolean then cards.pin_version + 1 else cards.chip_version end
  from decided
  where cards.id = decided.id
  returning cards.id
),
kept as (
  insert into former_pins (card_id, version, key_id, sealed)
  select id, pin_version, pin_key_id, pin_sealed from decided where pin_version > 0 and $11::int > 0
),
pruned as (
  delete from former_pins using decided
  where former_pins.card_id = decided.id and former_pins.version <= decided.pin_version - $11::int
),
completed as (
  update change_requests
  set status = 'COMPLETED', updated_at = $4, ${eraseSealed}
  from request, decided
  where change_requests.id = request.id
),
due as materialized (select $12::jsonb as audit_and_outbox from changed),
${writeAuditAndOutbox}
select case
  when exists (select from changed) then 'changed'
  when not exists (select from card) then 'conflict'
  when not exists (select from allowed) then 'change_request_ended'
  else 'replayed'
end as result`;
