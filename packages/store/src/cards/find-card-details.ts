import type { Queryable } from "../database/index.ts";

export async function findCardDetails(
  database: Queryable,
  cardId: string,
  protocol: string,
): Promise<Readonly<Record<string, string>>> {
  const [row] = await database.query<{ details: Record<string, string> }>(sql, [cardId, protocol]);
  return row?.details ?? {};
}

const sql = "select jsonb_strip_nulls(details) as details from card_details where card_id = $1 and protocol = $2";
