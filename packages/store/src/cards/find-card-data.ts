import type { Queryable } from "../database/index.ts";
import type { StoredCardData } from "./records.ts";

export async function findCardData(database: Queryable, cardId: string): Promise<StoredCardData | null> {
  const [row] = await database.query<Row>(sql, [cardId]);
  if (row === undefined) return null;
  const { month, year, keyId, bytes } = row;
  return { expiration: { month, year }, sealed: { keyId, bytes } };
}

interface Row {
  readonly month: number;
  readonly year: number;
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

const sql = `
select expiration_month as month, expiration_year as year, key_id as "keyId", sealed as bytes
from card_data where card_id = $1`;
