import { groupedQuery, text } from "../groups/index.ts";
import { type CardRow, cardColumns, cardTables, foundCard } from "./find-card.ts";
import type { Card } from "./records.ts";

export const findCardByName = groupedQuery<[protocol: string, name: string], CardRow, Card | null>({
  columns: { protocol: text((protocol) => protocol), name: text((_, name) => name) },
  sql: ({ item }) => `
with ${item}
select item.number, ${cardColumns}
from item
join card_names named on named.protocol = item.protocol and named.name = item.name
join (${cardTables}) on cards.id = named.card_id`,
  resultOf: foundCard,
});
