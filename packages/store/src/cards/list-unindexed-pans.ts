import type { Queryable } from "../database/index.ts";
import type { StoredCardData } from "./records.ts";

export async function listUnindexedPans(
  database: Queryable,
  panMacKeyId: string,
  limit: number,
): Promise<(StoredCardData & { readonly cardId: string })[]> {
  const rows = await database.query<Row>(sql, [panMacKeyId, limit]);
  return rows.map(({ cardId, month, year, keyId, bytes }) => ({
    cardId,
    expiration: { month, year },
    sealed: { keyId, bytes },
  }));
}

interface Row {
  readonly cardId: string;
  readonly month: number;
  readonly year: number;
  readonly keyId: string;
  readonly bytes: Uint8Array;
}

const sql = `
select card_id as "cardId", expiration_month as month, expiration_year as year, key_id as "keyId", sealed as bytes
from card_data
where pan_mac_key_id is distinct from $1
limit $2`;
