import { LinchpinError } from "@linchpin/core";
import { boolean, bytes, groupedQuery, type ItemRow, integer, lockNames, text, time } from "../groups/index.ts";
import { auditAndOutboxJson, chainAuditAndOutbox } from "../statements/index.ts";
import type { ComparedPin, SessionDecision, SessionEffect, SessionMessage } from "./records.ts";

/** The effect of a message, if it is of this type. */
function effectOf<Type extends SessionEffect["type"]>(
  { effect }: SessionMessage,
  type: Type,
): Extract<SessionEffect, { type: Type }> | null {
  return effect.type === type ? (effect as Extract<SessionEffect, { type: Type }>) : null;
}

function comparedPin(message: SessionMessage): ComparedPin | null {
  return effectOf(message, "verify") ?? effectOf(message, "bind")?.presented ?? null;
}

function auditAndOutboxByOutcome({ auditAndOutbox }: SessionMessage): string {
  const members = Object.entries(auditAndOutbox).map(
    ([outcome, written]) => `${JSON.stringify(outcome)}:${auditAndOutboxJson(written)}`,
  );
  return `{${members.join(",")}}`;
}

// A server whose clock is behind, at midnight, counts on the day that another has begun.
//
// Locked in this order: cards, keys, persons, partners, sessions, challenges, audit shards. What decides is read under its
// lock; each CTE has all rows of the one before, so that they are locked one class after the other. A key's row is locked
// where it authorizes or is bound already, a person's where a code came or a key may be bound; of a partner only where a
// code came. In a group, a message whose rows are not all found and locked runs again alone, as somebody else may hold one.
export const spendSession = groupedQuery<[message: SessionMessage], Row, SessionDecision>({
  columns: {
    session_hash: bytes(({ sessionHash }) => sessionHash, 32),
    message_hash: bytes(({ messageHash }) => messageHash, 32),
    expires_at: time(({ expiresAt }) => expiresAt),
    at: time(({ at }) => at),
    day: text(({ at }) => at.toISOString().slice(0, 10)),
    card_id: text(({ cardId }) => cardId),
    person_id: text(({ personId }) => personId),
    partner_id: text(({ partnerId }) => partnerId),
    device: text(({ device }) => device),
    is_native_only: boolean(({ isNativeOnly }) => isNativeOnly),
    challenge_id: text(({ code }) => code?.challengeId ?? null),
    is_code_right: boolean(({ code }) => code?.isRight ?? null),
    wrong_in_a_row: integer(({ code }) => code?.limits.wrongInARow ?? null),
    wrong_per_day: integer(({ code }) => code?.limits.wrongPerPartnerAndDay ?? null),
    demands_no_key: boolean(({ demandsNoBoundKey }) => demandsNoBoundKey),
    version: integer(({ version }) => version),
    failed_to_open: boolean(({ failedToOpen }) => failedToOpen),
    refusal: text(({ refusal }) => refusal),
    effect: text(({ effect }) => effect.type),
    new_thumbprint: text((message) => effectOf(message, "bind")?.thumbprint ?? null),
    new_point: bytes((message) => effectOf(message, "bind")?.publicPoint ?? null),
    max_keys: integer((message) => effectOf(message, "bind")?.maxKeys ?? null),
    new_key_id: text((message) => effectOf(message, "change")?.sealed?.keyId ?? null),
    new_sealed: bytes((message) => effectOf(message, "change")?.sealed?.bytes ?? null),
    unblocks: boolean((message) => effectOf(message, "change")?.unblocks ?? null),
    has_offline_pin: boolean((message) => effectOf(message, "change")?.offlinePin ?? null),
    history_length: integer((message) => effectOf(message, "change")?.pinHistoryLength ?? null),
    matched: boolean((message) => comparedPin(message)?.matched ?? null),
    try_limit: integer((message) => comparedPin(message)?.tryLimit ?? null),
    revealed_version: integer((message) => effectOf(message, "revealPin")?.version ?? null),
    audit_and_outbox: text(auditAndOutboxByOutcome),
  },
  locks: (message) => [
    lockNames.card(message.cardId),
    lockNames.boundKey(message.device),
    lockNames.boundKey(effectOf(message, "bind")?.thumbprint ?? null),
    message.code && lockNames.person(message.personId),
    message.code && lockNames.partner(message.partnerId),
    lockNames.session(message.sessionHash),
  ],
  sql: (parts) => `
with ${parts.item},
card as materialized (
  select id, state, pin_version, pin_status, pin_failures, pin_key_id, pin_sealed from cards
  where id = any (array(select card_id from item))
  order by id
  ${parts.lockRows}
),
key as materialized (
  select thumbprint, person_id, unbound_at, by_native_only from bound_keys
  where thumbprint = any (array(
    select unnest(array[item.device, item.new_thumbprint]) from item join card on card.id = item.card_id
  ))
  order by thumbprint
  ${parts.lockRows}
),
person as materialized (
  select id, bound_keys, wrong_session_codes from persons
  where id = any (array(
    select person_id from item join card on card.id = item.card_id
    where challenge_id is not null and (select count(*) from key) >= 0
  ))
  order by id
  ${parts.lockRows}
),
partner as materialized (
  select id, wrong_session_code_day, wrong_session_codes from partners
  where id = any (array(
    select partner_id from item join person on person.id = item.person_id where challenge_id is not null
  ))
  order by id
  ${parts.lockRows}
),
found as materialized (
  select
    item.*, card.state, card.pin_version, card.pin_status, card.pin_failures, card.pin_key_id, card.pin_sealed,
    person.bound_keys, person.wrong_session_codes as wrong_before,
    case when partner.wrong_session_code_day >= item.day::date then partner.wrong_session_codes else 0 end as wrong_today,
    device.person_id = item.person_id and device.unbound_at is null
      and (device.by_native_only or not item.is_native_only) as is_device_live,
    known.person_id = item.person_id and known.unbound_at is null as is_bound
  from item
  join card on card.id = item.card_id
  left join key device on device.thumbprint = item.device
  left join key known on known.thumbprint = item.new_thumbprint
  left join person on person.id = item.person_id and item.challenge_id is not null
  left join partner on partner.id = item.partner_id and item.challenge_id is not null
  where not ${parts.isGroup} or (
    (item.device is null or device.thumbprint is not null)
    and (item.challenge_id is null or person.id is not null and partner.id is not null)
    and (
      item.new_thumbprint is null or known.thumbprint is not null
      or not exists (select from bound_keys where thumbprint = item.new_thumbprint)
    )
  )
),
verdict as materialized (
  select
    *,
    case
      when state = 'blocked' then 'card_blocked'
      when state = 'terminated' then 'card_terminated'
      when device is not null and is_device_live is not true then 'device_unknown'
      when challenge_id is not null and (wrong_before >= wrong_in_a_row or wrong_today >= wrong_per_day)
        then 'code_locked'
      when failed_to_open then 'decryption_failed'
      when challenge_id is not null and not is_code_right then 'code_incorrect'
      when demands_no_key and bound_keys > 0 then 'session_stale'
      when version <> pin_version then 'session_stale'
      when refusal is not null then refusal
      when effect = 'bind' and matched is not null and pin_status <> 'active' then 'pin_blocked'
      when effect = 'bind' and not matched then 'pin_refused'
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
  from found
  where pin_version = coalesce(revealed_version, pin_version)
),
spent as (
  insert into spent_sessions (session_hash, message_hash, outcome, remaining, expires_at)
  select
    session_hash, message_hash, outcome,
    case when outcome = 'mismatch' then greatest(0, try_limit - pin_failures - 1) end, expires_at
  from verdict
  where ${parts.waitBriefly}
  order by session_hash
  on conflict do nothing
  returning session_hash, remaining
),
decided as materialized (
  select
    *,
    outcome = 'match' or effect = 'bind' and outcome = 'bound' and matched as is_right_pin,
    outcome = 'mismatch' or effect = 'bind' and outcome = 'pin_refused' as is_wrong_pin
  from verdict
  where session_hash = any (array(select session_hash from spent))
),
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
  where persons.id = decided.person_id and decided.challenge_id is not null
),
counted as (
  update partners
  set
    wrong_session_code_day = greatest(partners.wrong_session_code_day, decided.day::date),
    wrong_session_codes = decided.wrong_today + 1
  from decided
  where partners.id = decided.partner_id and decided.outcome = 'code_incorrect'
),
bound as (
  insert into bound_keys (thumbprint, person_id, public_point, bound_at, by_native_only)
  select new_thumbprint, person_id, new_point, at, is_native_only from decided
  where outcome = 'bound' and is_bound is null
),
proved as (
  update bound_keys set by_native_only = true from decided
  where bound_keys.thumbprint = decided.new_thumbprint and decided.outcome = 'bound' and is_bound and is_native_only
),
changed as (
  update cards
  set
    pin_version = cards.pin_version + 1,
    pin_key_id = decided.new_key_id,
    pin_sealed = decided.new_sealed,
    pin_status = case when cards.pin_status = 'blocked' and not decided.unblocks then 'blocked' else 'active' end,
    pin_failures = case when cards.pin_status = 'blocked' and not decided.unblocks then cards.pin_failures else 0 end,
    chip_version = case when decided.has_offline_pin then cards.chip_version else cards.pin_version + 1 end
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
    pin_failures = case when is_right_pin then 0 else decided.pin_failures + 1 end,
    pin_status = case
      when is_wrong_pin and decided.pin_failures + 1 >= decided.try_limit then 'blocked'
      else cards.pin_status
    end
  from decided
  where cards.id = decided.card_id
    and (is_wrong_pin or is_right_pin and decided.pin_failures > 0)
),
due as materialized (
  select
    number,
    coalesce(
      audit_and_outbox -> case when is_wrong_pin and pin_failures + 1 >= try_limit then 'blocking' else outcome end,
      jsonb_set(audit_and_outbox -> 'refused', '{audit,content}', to_jsonb(replace(
        audit_and_outbox #>> '{refused,audit,content}',
        '"outcome":"refused","code":"refused"',
        '"outcome":"refused","code":"' || outcome || '"'
      )))
    ) as audit_and_outbox
  from (
    select number, outcome, is_wrong_pin, pin_failures, try_limit, audit_and_outbox::jsonb from decided
  ) decided
),
${chainAuditAndOutbox(parts)}
select
  item.number, card.id is not null as "isCard", verdict.outcome, spent.remaining,
  spent.session_hash is not null as "isFirst", ${parts.isGroup} and verdict.number is null as skipped
from item
left join card on card.id = item.card_id
left join verdict using (number)
left join spent on spent.session_hash = verdict.session_hash`,
  resultOf: (row) => {
    if (!row?.isCard) throw new LinchpinError("card_unknown");
    const { outcome, remaining, isFirst } = row;
    if (outcome === null)
      throw new LinchpinError("conflict", { reason: "the PIN that is revealed was changed just now" });
    return { outcome, remaining, isFirst };
  },
});

interface Row extends ItemRow {
  /** Whether the card is there. */
  readonly isCard: boolean;
  /** Null: nothing was decided. */
  readonly outcome: string | null;
  readonly remaining: number | null;
  readonly isFirst: boolean;
}
