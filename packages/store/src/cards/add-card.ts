import type { Queryable } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { auditAndOutboxJson, existsOnConflict, queryResult, writeAuditAndOutbox } from "../statements/index.ts";
import type { NewCard } from "./records.ts";

type Result = "added" | "exists" | "person_unknown" | "program_unknown";

export async function addCard(
  database: Queryable,
  { id, personId, programId, names, createdAt }: NewCard,
  auditAndOutbox: AuditAndOutbox,
): Promise<Result> {
  const parameters = [id, personId, programId, JSON.stringify(names), createdAt, auditAndOutboxJson(auditAndOutbox)];
  return existsOnConflict(queryResult<Result>(database, sql, parameters));
}

const sql = `
with person as (select id from persons where id = $2),
program as (select id from programs where id = $3),
added as (
  insert into cards (id, person_id, program_id, created_at)
  select $1, person.id, program.id, $5::timestamptz from person, program
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
  else 'exists'
end as result`;
