import type { Needs } from "../groups/index.ts";
import { setPins } from "../statements/index.ts";

/**
 * CTEs that write what the outcomes of `decided` say, but for audit and outbox: codes that came, keys, PINs, tries. Each is
 * left out where no message can have such an outcome.
 */
export function outcomeWrites(parts: Needs): string {
  const { needs } = parts;
  const written = [
    needs("code") && countCodes,
    needs("bind") && bindKeys,
    needs("change") && setPins("decided.outcome = 'changed'", parts),
    needs("comparison") && countTries,
  ];
  return written.filter((part) => part !== false).join("");
}

const countCodes = `
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
),`;

const bindKeys = `
bound as (
  insert into bound_keys (thumbprint, person_id, public_point, bound_at, by_native_only)
  select new_thumbprint, person_id, new_point, at, is_native_only from decided
  where outcome = 'bound' and is_bound is null
),
proved as (
  update bound_keys set by_native_only = true from decided
  where bound_keys.thumbprint = decided.new_thumbprint and decided.outcome = 'bound' and is_bound and is_native_only
),`;

const countTries = `
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
),`;
