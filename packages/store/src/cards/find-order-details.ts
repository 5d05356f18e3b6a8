import type { Queryable } from "../database/index.ts";
import type { OrderDetails } from "./records.ts";

export async function findOrderDetails(database: Queryable, cardId: string): Promise<OrderDetails | null> {
  const [row] = await database.query<{ details: OrderDetails | null }>(sql, [cardId]);
  return row?.details ?? null;
}

const sql = "select order_details as details from cards where id = $1";
