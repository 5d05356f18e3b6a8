export { makeOperator } from "./callers/index.ts";
export { examine, type Finding } from "./doctor/index.ts";
export { longestStopMs } from "./longest-stop.ts";
export { type OpenContext, openContext } from "./open-context.ts";
export { migrateStore, openExistingStore, openStore } from "./open-store.ts";
export { protocolTable } from "./protocol-table.ts";
export { readSettings, settingVariables } from "./read-settings.ts";
export {
  type CompletedRestore,
  completeRestore,
  examineRestore,
  type KeptExport,
  type RestoreFindings,
} from "./restore/index.ts";
export { type Server, serve } from "./serve.ts";
export type { Settings } from "./settings/index.ts";
export { serveAsWorker } from "./workers/index.ts";
