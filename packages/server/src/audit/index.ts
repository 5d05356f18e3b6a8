export { type AuditCatalogue, type AuditEventKind, auditCatalogue } from "./audit-catalogue.ts";
export { type AuditSubject, auditDone, auditRefused } from "./audit-entry.ts";
export {
  type AuditCaller,
  type AuditFacts,
  auditFacts,
  claimedName,
  type OperationEvent,
  operationEvent,
  type SystemCaller,
  systemCaller,
} from "./audit-facts.ts";
export { auditingRefusal } from "./audit-refusal.ts";
export { issuerAudit, throttledFacts } from "./issuer-audit.ts";
export { takeAuditCheckpoint } from "./take-checkpoint.ts";
export { auditTextPurpose, textDigest } from "./text-digest.ts";
export { auditAlarmOf, forgetCheckpoints } from "./watch-checkpoints.ts";
