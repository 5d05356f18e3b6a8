import type { Queryable } from "../database/index.ts";
import { type CardRow, cardColumns, cardOf, cardTables } from "./find-card.ts";
import type { CardOfPan } from "./records.ts";

export async function findCardsByPan(database: Queryable, macs: readonly Uint8Array[]): Promise<CardOfPan[]> {
  const rows = await database.query<Row>(sql, [macs.map((mac) => Buffer.from(mac).toString("hex"))]);
  return rows.map((row) => ({ card: cardOf(row), expiration: { month: row.month, year: row.year } }));
}

interface Row extends CardRow {
  readonly month: number;
  readonly year: number;
}

const sql = `
select ${cardColumns}, data.expiration_month as month, data.expiration_year as year
from card_data data
join (${cardTables}) on cards.id = data.card_id
where data.pan_mac in (select decode(hex, 'hex') from unnest($1::text[]) as hex)
order by cards.created_at desc, cards.id
limit 100`;
