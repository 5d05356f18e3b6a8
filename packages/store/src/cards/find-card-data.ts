import { groupedQuery, type ItemRow, text } from "../groups/index.ts";
import type { StoredCardData } from "./records.ts";

export const findCardData = groupedQuery<[cardId: string], Row, StoredCardData | null>({
  columns: { asked: text((cardId) => cardId) },
  sql: ({ item }) => `
with ${item}
select
  item.number, expiration_month as month, expiration_year as year, key_id as "keyId", sealed as bytes
from item join card_data on card_id = item.asked`,
  resultOf: (row) => {
    if (row === undefined) return null;
    const { month, year, keyId, bytes } = row;
    return { expiration: { month, year }, sealed: { keyId, bytes } };
  },
});

interface Row extends ItemRow {
  readonly month: number;
  readonly year: number;
  readonly keyId: string;
  readonly bytes: Uint8Array;
}
