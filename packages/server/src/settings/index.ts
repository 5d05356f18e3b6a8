export { isLoopback } from "./loopback.ts";
export { baseUrl, flag, integer, oneOf, settingInvalid, text } from "./parse-setting.ts";
export {
  readSettingsOf,
  readStoreSettings,
  receiversOf,
  type SettingVariable,
  settingVariablesOf,
} from "./read-settings.ts";
export type { Environment, SettingRows, ValuesOf } from "./setting.ts";
export type { Settings, TlsFiles } from "./settings.ts";
