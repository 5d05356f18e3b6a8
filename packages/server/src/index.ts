export { type Server, serve } from "./serve.ts";
export { readSettings, type Settings, settingVariables } from "./settings.ts";
