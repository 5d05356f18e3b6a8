export { type CompletedRestore, completeRestore } from "./complete-restore.ts";
export { examineRestore, type KeptExport, type RestoreFindings } from "./restore-findings.ts";
