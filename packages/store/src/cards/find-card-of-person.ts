import type { Queryable } from "../database/index.ts";
import { type CardRow, cardColumns, cardTables, foundCard } from "./find-card.ts";
import type { Card } from "./records.ts";

export async function findCardOfPerson(database: Queryable, personId: string): Promise<Card | null> {
  const [row] = await database.query<CardRow>(sql, [personId]);
  return foundCard(row);
}

const sql = `
select 1 as number, ${cardColumns}
from ${cardTables}
where persons.id = $1
order by cards.created_at desc, cards.id
limit 1`;
