export { GroupQueue } from "./group-queue.ts";
export { type GroupedQuery, groupedQuery, type ItemRow, recordOf, type Waiting } from "./grouped-query.ts";
export { boolean, bytes, integer, text, time } from "./item-columns.ts";
