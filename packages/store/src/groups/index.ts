export { GroupQueue } from "./group-queue.ts";
export {
  type GroupedQuery,
  groupedQuery,
  type ItemRow,
  type Needs,
  type OptionalParts,
  type ResultRow,
  recordOf,
  resultOfRow,
  type Waiting,
} from "./grouped-query.ts";
export { boolean, bytes, integer, text, time, uuid } from "./item-columns.ts";
export { lockNames } from "./lock-names.ts";
