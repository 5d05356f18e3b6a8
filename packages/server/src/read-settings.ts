import { protocolTable } from "./protocol-table.ts";
import { type Environment, readSettingsOf, type Settings, settingVariablesOf } from "./settings/index.ts";

/**
 * Reads the settings of the issuer and of every protocol of the table.
 * @throws LinchpinError `settings_invalid`: the reason names the variable and says what to do
 */
export function readSettings(environment: Environment): Settings {
  return readSettingsOf(protocolTable, environment);
}

/** Every setting, in the order of `linchpin serve --help`. */
export const settingVariables = settingVariablesOf(protocolTable);
