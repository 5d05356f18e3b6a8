export { type AuditFacts, type AuditSubject, auditDone, auditRefused, claimedName, sha256Hex } from "./audit-entry.ts";
export { auditingRefusal } from "./audit-refusal.ts";
export { takeAuditCheckpoint } from "./take-checkpoint.ts";
