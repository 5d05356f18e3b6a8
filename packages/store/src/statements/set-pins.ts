import type { Needs } from "../groups/index.ts";

/**
 * CTEs that set the PIN of each row of `decided` on which `isChange` holds, keep the one before for the history, and forget
 * what the history no longer holds. Of a row they read `card_id`; `pin_version`, `pin_key_id` and `pin_sealed` as the card
 * has them; `new_key_id`, `new_sealed`, `unblocks`, `has_offline_pin` and `history_length`. `changed` has the cards' ids.
 */
export function setPins(isChange: string, { needs }: Needs): string {
  return `
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
  where cards.id = decided.card_id and ${isChange}
  returning cards.id
),
${needs("pinHistory") ? keepFormerPins(isChange) : ""}
pruned as (
  delete from former_pins using decided
  where former_pins.card_id = decided.card_id and former_pins.version <= decided.pin_version - decided.history_length
    and ${isChange}
),`;
}

function keepFormerPins(isChange: string): string {
  return `
kept as (
  insert into former_pins (card_id, version, key_id, sealed)
  select card_id, pin_version, pin_key_id, pin_sealed from decided
  where pin_version > 0 and history_length > 0 and ${isChange}
),`;
}
