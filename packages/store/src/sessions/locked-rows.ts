import type { Needs, Waiting } from "../groups/index.ts";

/**
 * CTEs that lock the rows that decide on messages to sessions, and `found`: each message beside its rows, as they are under
 * their locks.
 *
 * Locked in this order: cards, keys, persons, partners. Each CTE has all rows of the one before, so that they are locked one
 * class after the other. A key's row is locked where it authorizes or is bound already, a person's where a code came or a
 * key may be bound; of a partner only where a code came. In a group, a message whose rows are not all found and locked is
 * left out, as somebody else may hold one.
 */
export function lockedRows(parts: Waiting & Needs): string {
  return `
card as materialized (
  select id, state, pin_version, pin_status, pin_failures, pin_key_id, pin_sealed from cards
  where id = any (array(select card_id from item))
  order by id
  ${parts.lockRows}
),
${parts.needs("key") ? lockedKeys(parts) : ""}
${parts.needs("code") ? lockedHolders(parts) : ""}
found as materialized (
  select
    item.*, card.state, card.pin_version, card.pin_status, card.pin_failures, card.pin_key_id, card.pin_sealed,
    ${parts.needs("code") ? counts : "null::int as bound_keys, null::int as wrong_before, null::int as wrong_today"},
    ${parts.needs("key") ? whoseKeys : "null::boolean as is_device_live, null::boolean as is_bound"}
  from item
  join card on card.id = item.card_id
  ${parts.needs("key") ? joinedKeys : ""}
  ${parts.needs("code") ? joinedHolders : ""}
  where not ${parts.isGroup} or (
    true
    ${parts.needs("key") ? andKeysAreThere : ""}
    ${parts.needs("code") ? "and (item.challenge_id is null or person.id is not null and partner.id is not null)" : ""}
  )
),`;
}

function lockedKeys({ lockRows }: Waiting): string {
  return `
key as materialized (
  select thumbprint, person_id, unbound_at, by_native_only from bound_keys
  where thumbprint = any (array(
    select unnest(array[item.device, item.new_thumbprint]) from item join card on card.id = item.card_id
  ))
  order by thumbprint
  ${lockRows}
),`;
}

function lockedHolders({ lockRows, needs }: Waiting & Needs): string {
  return `
person as materialized (
  select id, bound_keys, wrong_session_codes from persons
  where id = any (array(
    select person_id from item join card on card.id = item.card_id
    where challenge_id is not null ${needs("key") ? "and (select count(*) from key) >= 0" : ""}
  ))
  order by id
  ${lockRows}
),
partner as materialized (
  select id, wrong_session_code_day, wrong_session_codes from partners
  where id = any (array(
    select partner_id from item join person on person.id = item.person_id where challenge_id is not null
  ))
  order by id
  ${lockRows}
),`;
}

const counts = `
    person.bound_keys, person.wrong_session_codes as wrong_before,
    case when partner.wrong_session_code_day >= item.day::date then partner.wrong_session_codes else 0 end as wrong_today`;

const whoseKeys = `
    device.person_id = item.person_id and device.unbound_at is null
      and (device.by_native_only or not item.is_native_only) as is_device_live,
    known.person_id = item.person_id and known.unbound_at is null as is_bound`;

const joinedKeys = `
  left join key device on device.thumbprint = item.device
  left join key known on known.thumbprint = item.new_thumbprint`;

const joinedHolders = `
  left join person on person.id = item.person_id and item.challenge_id is not null
  left join partner on partner.id = item.partner_id and item.challenge_id is not null`;

const andKeysAreThere = `
    and (item.device is null or device.thumbprint is not null)
    and (
      item.new_thumbprint is null or known.thumbprint is not null
      or not exists (select from bound_keys where thumbprint = item.new_thumbprint)
    )`;
