import type { VersionedPin } from "../cards/cards.ts";
import type { Queryable } from "../database/database.ts";
import { sealedOf } from "../statements/sealed.ts";

export async function listFormerPins(database: Queryable, cardId: string, count: number): Promise<VersionedPin[]> {
  const rows = await database.query<{ version: number; key_id: string; sealed: Uint8Array }>(sql, [cardId, count]);
  return rows.map((row) => ({ version: row.version, sealed: sealedOf(row.key_id, row.sealed) }));
}

const sql = `
select version, key_id, sealed from former_pins where card_id = $1 order by version desc limit $2`;
