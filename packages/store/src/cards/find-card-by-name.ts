import type { Queryable } from "../database/index.ts";
import { cardSql, queryCard } from "./find-card.ts";
import type { Card } from "./records.ts";

export function findCardByName(database: Queryable, protocol: string, name: string): Promise<Card | null> {
  return queryCard(database, sql, [protocol, name]);
}

const sql = `${cardSql}
where cards.id = (select card_id from card_names where protocol = $1 and name = $2)`;
