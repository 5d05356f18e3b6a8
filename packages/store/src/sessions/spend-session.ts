import { LinchpinError } from "@linchpin/core";
import type { Queryable } from "../database/index.ts";
import { auditAndOutboxJson, writeAuditAndOutbox } from "../statements/index.ts";
import type { SessionDecision, SessionMessage } from "./records.ts";

export async function spendSession(database: Queryable, message: SessionMessage): Promise<SessionDecision> {
  const [row] = await database.query<Row>(sql, parametersOf(message));
  if (row === undefined) throw new LinchpinError("card_unknown");
  const { outcome, remaining, isFirst } = row;
  if (outcome === null)
    throw new LinchpinError("conflict", { reason: "the PIN that is revealed was changed just now" });
  return { outcome, remaining, isFirst };
}

interface Row {
  /** Null: nothing was decided. */
  readonly outcome: string | null;
  readonly remaining: number | null;
  readonly isFirst: boolean;
}

function parametersOf(message: SessionMessage): unknown[] {
  const { code, effect } = message;
  const bind = effect.type === "bind" ? effect : null;
  const change = effect.type === "change" ? effect : null;
  const verify = effect.type === "verify" ? effect : null;
  const auditAndOutbox = Object.entries(message.auditAndOutbox).map(
    ([outcome, written]) => `${JSON.stringify(outcome)}:${auditAndOutboxJson(written)}`,
  );
  return [
    message.sessionHash,
    message.messageHash,
    message.expiresAt,
    message.at,
    message.at.toISOString().slice(0, 10),
    message.cardId,
    message.personId,
    message.partnerId,
    message.device,
    code?.challengeId ?? null,
    code?.isRight ?? null,
    code?.limits.wrongInARow ?? null,
    code?.limits.wrongPerPartnerAndDay ?? null,
    message.demandsNoBoundKey,
    message.version,
    message.failedToOpen,
    message.refusal,
    effect.type,
    bind?.thumbprint ?? null,
    bind?.publicPoint ?? null,
    bind?.maxKeys ?? null,
    change?.sealed?.keyId ?? null,
    change?.sealed?.bytes ?? null,
    change?.unblocks ?? null,
    change === null ? null : !change.offlinePin,
    change?.pinHistoryLength ?? null,
    verify?.matched ?? null,
    verify?.tryLimit ?? null,
    `{${auditAndOutbox.join(",")}}`,
    message.isNativeOnly,
    effect.type === "revealPin" ? effect.version : null,
  ];
}

// A server whose clock is behind, at midnight, counts on the day that another has begun.
// Locked in this order: card, key, person, partner, session, challenge, audit shards. What decides is read under its lock;
// each CTE counts the rows of the one before, so that they are locked one after the other. A key's row is locked where it
// authorizes or is bound already, a person's where a code came or a key may be bound; of a partner only where a code came.
const sql = `
with input as materialized (
  select
    $1::bytea as session_hash, $2::bytea as message_hash, $3::timestamptz as expires_at, $4::timestamptz as at,
    $5::date as day, $9::text as device, $10::text as challenge_id, $11::boolean as is_code_right,
    $12::int as wrong_in_a_row, $13::int as wrong_per_day, $14::boolean as demands_no_key, $15::int as version,
    $16::boolean as failed_to_open, $17::text as refusal, $18::text as effect, $19::text as new_thumbprint,
    $20::bytea as new_point, $21::int as max_keys, $22::text as new_key_id, $23::bytea as new_sealed,
    $24::boolean as unblocks, $25::boolean as is_synced, $26::int as history_length, $27::boolean as matched,
    $28::int as try_limit
),
card as materialized (
  select id, state, pin_version, pin_status, pin_failures, pin_key_id, pin_sealed from cards where id = $6
  for no key update
),
device as materialized (
  select thumbprint from bound_keys
  where thumbprint = $9 and person_id = $7 and unbound_at is null and (by_native_only or not $30::boolean) and (select count(*) from card) > 0
  for no key update
),
known as materialized (
  select thumbprint, person_id, unbound_at from bound_keys
  where thumbprint = $19 and (select count(*) from card) > 0
  for no key update
),
person as materialized (
  select id, bound_keys, wrong_session_codes from persons
  where id = $7 and $10::text is not null and (select count(*) from device) + (select count(*) from known) >= 0
  for no key update
),
partner as materialized (
  select id, wrong_session_code_day, wrong_session_codes from partners
  where id = $8 and $10::text is not null and (select count(*) from person) > 0
  for no key update
),
seen as materialized (
  select
    input.*, card.id as card_id, card.state, card.pin_version, card.pin_status, card.pin_failures, card.pin_key_id,
    card.pin_sealed, person.bound_keys, person.wrong_session_codes as wrong_before,
    case when partner.wrong_session_code_day >= input.day then partner.wrong_session_codes else 0 end as wrong_today,
    (select person_id = $7 and unbound_at is null from known) as is_bound
  from input cross join card left join person on true left join partner on true
),
verdict as materialized (
  select
    *,
    case
      when state = 'blocked' then 'card_blocked'
      when state = 'terminated' then 'card_terminated'
      when device is not null and not exists (select from device) then 'device_unknown'
      when challenge_id is not null and (wrong_before >= wrong_in_a_row or wrong_today >= wrong_per_day)
        then 'code_locked'
      when failed_to_open then 'decryption_failed'
      when challenge_id is not null and not is_code_right then 'code_incorrect'
      when demands_no_key and bound_keys > 0 then 'session_stale'
      when version <> pin_version then 'session_stale'
      when refusal is not null then refusal
      when effect = 'bind' and is_bound is not null then case when is_bound then 'bound' else 'device_unknown' end
      when effect = 'bind' and bound_keys >= max_keys then 'too_many_devices'
      when effect = 'bind' then 'bound'
      when effect = 'change' then 'changed'
      when effect = 'revealCardData' then 'revealed'
      when pin_status = 'not_set' then 'pin_not_set'
      when effect = 'revealPin' then case when pin_status = 'blocked' then 'pin_blocked' else 'revealed' end
      when pin_status = 'blocked' then 'blocked'
      when matched then 'match'
      else 'mismatch'
    end as outcome
  from seen
  where pin_version = coalesce($31::int, pin_version)
),
spent as (
  insert into spent_sessions (session_hash, message_hash, outcome, remaining, expires_at)
  select
    session_hash, message_hash, outcome,
    case when outcome = 'mismatch' then greatest(0, try_limit - pin_failures - 1) end, expires_at
  from verdict
  on conflict do nothing
  returning session_hash, remaining
),
decided as materialized (select verdict.* from verdict where exists (select from spent)),
taken as (
  update challenges set state = 'answered' from decided
  where challenges.id = decided.challenge_id and challenges.state = 'open'
),
judged as (
  update persons
  set
    wrong_session_codes = case
      when decided.outcome = 'code_incorrect' then persons.wrong_session_codes + 1
      when decided.is_code_right and decided.outcome not in ('code_locked', 'card_blocked', 'card_terminated') then 0
      else persons.wrong_session_codes
    end,
    bound_keys = persons.bound_keys + case when decided.outcome = 'bound' and is_bound is null then 1 else 0 end
  from decided
  where persons.id = $7 and decided.challenge_id is not null
),
counted as (
  update partners
  set wrong_session_code_day = greatest(partners.wrong_session_code_day, decided.day), wrong_session_codes = decided.wrong_today + 1
  from decided
  where partners.id = $8 and decided.outcome = 'code_incorrect'
),
bound as (
  insert into bound_keys (thumbprint, person_id, public_point, bound_at, by_native_only)
  select new_thumbprint, $7, new_point, at, $30::boolean from decided where outcome = 'bound' and is_bound is null
),
proved as (
  update bound_keys set by_native_only = true from decided
  where thumbprint = decided.new_thumbprint and decided.outcome = 'bound' and is_bound and $30::boolean
),
changed as (
  update cards
  set
    pin_version = cards.pin_version + 1,
    pin_key_id = decided.new_key_id,
    pin_sealed = decided.new_sealed,
    pin_status = case when cards.pin_status = 'blocked' and not decided.unblocks then 'blocked' else 'active' end,
    pin_failures = case when cards.pin_status = 'blocked' and not decided.unblocks then cards.pin_failures else 0 end,
    chip_version = case when decided.is_synced then cards.pin_version + 1 else cards.chip_version end
  from decided
  where cards.id = decided.card_id and decided.outcome = 'changed'
),
kept as (
  insert into former_pins (card_id, version, key_id, sealed)
  select card_id, pin_version, pin_key_id, pin_sealed from decided
  where outcome = 'changed' and pin_version > 0 and history_length > 0
),
pruned as (
  delete from former_pins using decided
  where decided.outcome = 'changed' and former_pins.card_id = decided.card_id
    and former_pins.version <= decided.pin_version - decided.history_length
),
tried as (
  update cards
  set
    pin_failures = case when decided.outcome = 'match' then 0 else decided.pin_failures + 1 end,
    pin_status = case
      when decided.outcome = 'mismatch' and decided.pin_failures + 1 >= decided.try_limit then 'blocked'
      else cards.pin_status
    end
  from decided
  where cards.id = decided.card_id
    and (decided.outcome = 'mismatch' or decided.outcome = 'match' and decided.pin_failures > 0)
),
due as materialized (
  select
    1 as number,
    $29::jsonb -> case
      when outcome = 'mismatch' and pin_failures + 1 >= try_limit then 'blocking' else outcome
    end as audit_and_outbox
  from decided
),
${writeAuditAndOutbox}
select
  verdict.outcome, (select remaining from spent) as remaining, exists (select from spent) as "isFirst"
from card left join verdict on true`;
