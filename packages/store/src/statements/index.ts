export { addToOutbox, consequencesJson, noteJson, outboxJson, writeConsequences } from "./consequences.ts";
export { deleteInBatches } from "./delete-in-batches.ts";
export { existsOnConflict } from "./exists-on-conflict.ts";
export { queryResult } from "./query-result.ts";
export { sealedOf } from "./sealed-columns.ts";
