export { addToOutbox, auditAndOutboxJson, auditJson, outboxJson, writeAuditAndOutbox } from "./audit-and-outbox.ts";
export { deleteInBatches } from "./delete-in-batches.ts";
export { existsOnConflict } from "./exists-on-conflict.ts";
export { queryResult } from "./query-result.ts";
export { sealedOf } from "./sealed-columns.ts";
export { takeTryOf } from "./take-try.ts";
