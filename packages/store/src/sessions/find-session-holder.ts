import { groupedQuery, type ItemRow, recordOf, text } from "../groups/index.ts";
import type { SessionHolder } from "./records.ts";

export const findSessionHolder = groupedQuery<
  [personId: string, at: Date],
  ItemRow & SessionHolder,
  SessionHolder | null
>({
  columns: { asked: text((personId) => personId), day: text((_, at) => at.toISOString().slice(0, 10)) },
  sql: ({ item }) => `
with ${item}
select
  item.number, persons.name, persons.bound_keys as "boundKeys", persons.wrong_session_codes as "wrongCodes",
  case when partners.wrong_session_code_day >= item.day::date then partners.wrong_session_codes else 0 end
    as "partnersWrongCodes"
from item
join persons on persons.id = item.asked
join partners on partners.id = persons.partner_id`,
  resultOf: recordOf,
});
