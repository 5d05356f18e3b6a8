export { migrateStore, openStore } from "./open-store.ts";
export { type Server, serve } from "./serve.ts";
export { readSettings, type Settings } from "./settings.ts";
export { makeOperator } from "./use-cases/make-operator.ts";
