import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, existsOnConflict, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { NewCard } from "./records.ts";

type Result = "added" | "exists" | "person_unknown" | "program_unknown" | "replayed";

export async function addCard(
  database: Queryable,
  { id, personId, programId, names, createdAt, firstPin = null, orderDetails = null }: NewCard,
  auditAndOutbox: AuditAndOutbox,
): Promise<Result> {
  const [mark, second] = firstPin?.mark == null ? [] : "mark" in firstPin.mark ? [firstPin.mark] : firstPin.mark;
  const parameters = [
    id,
    personId,
    programId,
    JSON.stringify(names),
    createdAt,
    auditAndOutboxJson(auditAndOutbox),
    mark?.mark ?? null,
    mark?.keyId ?? null,
    firstPin?.sealed.keyId ?? null,
    firstPin?.sealed.bytes ?? null,
    orderDetails === null ? null : JSON.stringify(orderDetails),
    second?.mark ?? null,
  ];
  return existsOnConflict(queryResult<Result>(database, sql, parameters));
}

const isFresh =
  "(select count(*) from spent) = (select count(mark) from (values ($7::bytea), ($12::bytea)) marks (mark))";

const sql = `
with person as (select id from persons where id = $2),
program as (select id from programs where id = $3),
spent as (
  insert into replay_marks (mark, key_id)
  select mark, $8::text from person, program, (values ($7::bytea), ($12::bytea)) marks (mark) where mark is not null
  order by mark
  on conflict do nothing
  returning mark
),
added as (
  insert into cards
    (id, person_id, program_id, created_at, pin_status, pin_version, pin_key_id, pin_sealed, chip_version, order_details)
  select
    $1, person.id, program.id, $5::timestamptz, case when $9::text is null then 'not_set' else 'active' end,
    case when $9::text is null then 0 else 1 end, $9, $10::bytea, case when $9::text is null then 0 else 1 end, $11::jsonb
  from person, program
  where ${isFresh}
  on conflict do nothing
  returning id
),
named as (
  insert into card_names (card_id, protocol, name)
  select added.id, names.key, names.value from added, jsonb_each_text($4::jsonb) names
),
due as materialized (select 1 as number, $6::jsonb as audit_and_outbox from added),
${writeAuditAndOutbox}
select case
  when exists (select from added) then 'added'
  when not exists (select from person) then 'person_unknown'
  when not exists (select from program) then 'program_unknown'
  when not ${isFresh} then 'replayed'
  else 'exists'
end as result`;
