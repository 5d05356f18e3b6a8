import type { Waiting } from "../groups/index.ts";

/** The limit of programs that were stored before they had one of their own. */
export const defaultChangesPerDay = 10;

/** The limit of a row of `programs`. */
export const changesPerDay = `coalesce((programs.settings ->> 'changesPerDay')::int, ${defaultChangesPerDay})`;

/** Whether a new PIN of a row of `cards`, whose program is `programs`, would be compared with the card's PIN history. */
export const hasPinHistory = `(
  cards.state = 'active' and cards.pin_version > 0 and (programs.settings -> 'policy' ->> 'formerPins')::int > 0
)`;

/**
 * A CTE `reserved (number)` that counts an attempt to change the PIN of each card of the CTE `history (number, card_id,
 * day, per_day)` that has one left on this day. The cards are locked before their counts are read, so that simultaneous
 * requests reserve no more than are allowed.
 */
export function reserveChangeAttempts({ lockRows }: Pick<Waiting, "lockRows">): string {
  return `
counted as materialized (
  select id, change_day, change_attempts from cards
  where id = any (array(select card_id from history))
  order by id
  ${lockRows}
),
reserved as (
  update cards
  set
    change_attempts = case when counted.change_day = history.day then counted.change_attempts + 1 else 1 end,
    change_day = history.day
  from counted join history on history.card_id = counted.id
  where cards.id = counted.id
    and (counted.change_day is distinct from history.day or counted.change_attempts < history.per_day)
  returning history.number
)`;
}
