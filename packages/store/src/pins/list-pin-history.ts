import { groupedQuery, type ItemRow, integer, text } from "../groups/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { VersionedPin } from "./records.ts";

export const listPinHistory = groupedQuery<[cardId: string, count: number], Row, VersionedPin[]>({
  columns: { asked_card_id: text((cardId) => cardId), asked_count: integer((_, count) => count) },
  sql: ({ item }) => `
with ${item}
select item.number, pins
from item, lateral (
  select json_agg(json_build_object('version', version, 'keyId', key_id, 'sealedHex', encode(sealed, 'hex'))
    order by version desc) as pins
  from (
    select version, key_id, sealed from former_pins
    where card_id = asked_card_id
    order by version desc
    limit asked_count
  ) newest
) history`,
  resultOf: (row) =>
    (row?.pins ?? []).map(({ version, keyId, sealedHex }) => ({
      version,
      sealed: sealedOf(keyId, new Uint8Array(Buffer.from(sealedHex, "hex"))),
    })),
});

interface Row extends ItemRow {
  /** Newest first. Null: there are none. */
  readonly pins: readonly { readonly version: number; readonly keyId: string; readonly sealedHex: string }[] | null;
}
