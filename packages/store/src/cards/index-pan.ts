import type { Queryable } from "../database/index.ts";
import type { PanMac, StoredCardData } from "./records.ts";

export async function indexPan(
  database: Queryable,
  cardId: string,
  { sealed, panMac }: Pick<StoredCardData, "sealed"> & { readonly panMac: PanMac },
): Promise<void> {
  await database.query(sql, [cardId, sealed.bytes, panMac.bytes, panMac.keyId]);
}

// Data that were set anew or re-encrypted meanwhile stay: their sealed bytes differ.
const sql = `
update card_data set pan_mac = $3, pan_mac_key_id = $4 where card_id = $1 and sealed = $2`;
