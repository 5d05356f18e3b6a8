import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import type { MobileNumber } from "../records.ts";
import { sealedOf } from "../statements/index.ts";
import type { Card, CardState, PinStatus } from "./records.ts";

export const cardColumns = `
  cards.id, cards.state, cards.created_at, cards.pin_status, cards.pin_version, cards.pin_key_id, cards.pin_sealed,
  cards.pin_failures, cards.chip_version,
  (select jsonb_object_agg(protocol, name) from card_names where card_id = cards.id) as names,
  persons.id as person_id, persons.partner_id, persons.created_at as person_created_at,
  case when mobile.id is not null
    then jsonb_build_object(
      'id', mobile.id, 'number', mobile.number, 'verified', mobile.verified, 'setByOperator', mobile.set_by_operator
    )
  end as mobile_number,
  programs.id as program_id, programs.name as program_name, programs.settings as program_settings,
  programs.created_at as program_created_at`;

export const cardTables = `cards
join persons on persons.id = cards.person_id
join programs on programs.id = cards.program_id
left join mobile_numbers mobile on mobile.person_id = persons.id`;

export const findCard = groupedQuery<[id: string], CardRow, Card | null>({
  columns: { id: text((id) => id) },
  sql: ({ item }) => `
with ${item}
select item.number, ${cardColumns}
from item join (${cardTables}) on cards.id = item.id`,
  resultOf: foundCard,
});

export function foundCard(row: CardRow | undefined): Card | null {
  return row === undefined ? null : cardOf(row);
}

export interface CardRow extends ItemRow {
  readonly id: string;
  readonly state: CardState;
  readonly created_at: Date;
  readonly pin_status: PinStatus;
  readonly pin_version: number;
  readonly pin_key_id: string | null;
  readonly pin_sealed: Uint8Array | null;
  readonly pin_failures: number;
  readonly chip_version: number;
  readonly names: Record<string, string> | null;
  readonly person_id: string;
  readonly partner_id: string;
  readonly person_created_at: Date;
  readonly mobile_number: MobileNumber | null;
  readonly program_id: string;
  readonly program_name: string;
  readonly program_settings: unknown;
  readonly program_created_at: Date;
}

export function cardOf(row: CardRow): Card {
  return {
    id: row.id,
    partnerId: row.partner_id,
    person: {
      id: row.person_id,
      partnerId: row.partner_id,
      mobileNumber: row.mobile_number,
      createdAt: row.person_created_at,
    },
    program: {
      id: row.program_id,
      name: row.program_name,
      settings: row.program_settings,
      createdAt: row.program_created_at,
    },
    names: row.names ?? {},
    state: row.state,
    pin: {
      status: row.pin_status,
      version: row.pin_version,
      sealed: sealedOf(row.pin_key_id, row.pin_sealed),
      failedTries: row.pin_failures,
      chipVersion: row.chip_version,
    },
    createdAt: row.created_at,
  };
}
