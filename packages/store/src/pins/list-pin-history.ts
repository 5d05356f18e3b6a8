import type { Queryable } from "../database/index.ts";
import { sealedOf } from "../statements/index.ts";
import type { VersionedPin } from "./records.ts";

export async function listPinHistory(database: Queryable, cardId: string, count: number): Promise<VersionedPin[]> {
  const rows = await database.query<{ version: number; key_id: string; sealed: Uint8Array }>(sql, [cardId, count]);
  return rows.map((row) => ({ version: row.version, sealed: sealedOf(row.key_id, row.sealed) }));
}

const sql = `
select version, key_id, sealed from former_pins where card_id = $1 order by version desc limit $2`;
