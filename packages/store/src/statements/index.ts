export {
  addToOutbox,
  auditAndOutboxJson,
  auditJson,
  chainAuditAndOutbox,
  outboxJson,
  writeAuditAndOutbox,
  writtenParts,
} from "./audit-and-outbox.ts";
export { deleteInBatches } from "./delete-in-batches.ts";
export { existsOnConflict } from "./exists-on-conflict.ts";
export { queryResult } from "./query-result.ts";
export { changesPerDay, defaultChangesPerDay, hasPinHistory, reserveChangeAttempts } from "./reserve-change-attempt.ts";
export { sealedOf } from "./sealed-columns.ts";
export { setPins } from "./set-pins.ts";
export { isMarkSpent, spendMarks } from "./spend-marks.ts";
export { takeTryOf } from "./take-try.ts";
