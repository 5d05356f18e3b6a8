import type { Queryable } from "../database/index.ts";
import { type CardRow, cardColumns, cardOf, cardTables } from "./find-card.ts";
import type { Card } from "./records.ts";

export async function listCardsOfPerson(database: Queryable, personId: string): Promise<Card[]> {
  return (await database.query<CardRow>(sql, [personId])).map(cardOf);
}

const sql = `
select 1 as number, ${cardColumns}
from ${cardTables}
where persons.id = $1
order by cards.created_at desc, cards.id`;
