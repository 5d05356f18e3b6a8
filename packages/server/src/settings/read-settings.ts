import { checkSettings } from "./check-settings.ts";
import { issuerSettings, logSettings, storeSettings } from "./issuer-settings.ts";
import { settingInvalid } from "./parse-setting.ts";
import {
  describeDefault,
  type Environment,
  readRows,
  type Setting,
  type SettingRows,
  type ValuesOf,
} from "./setting.ts";
import type { Receiver, Settings, TlsFiles } from "./settings.ts";

/** A protocol, as far as its settings go. */
interface SettingsOwner {
  readonly name: string;
  readonly settings: SettingRows;
}

/** @throws LinchpinError `settings_invalid`: the reason names the variable and says what to do */
export function readSettingsOf(protocols: readonly SettingsOwner[], environment: Environment): Settings {
  const { mode } = readRows(environment, { mode: issuerSettings.mode }, "production");
  const issuer = readRows(environment, issuerSettings, mode);
  const settings: Settings = {
    ...issuer,
    ...readRows(environment, logSettings, mode),
    tls: tlsFilesOf(issuer),
    protocols: Object.fromEntries(
      protocols.map(({ name, settings: rows }) => [name, readRows(environment, rows, mode)]),
    ),
  };
  checkEnabledProtocols(protocols, settings);
  checkSettings(settings, receiversOf(protocols, settings));
  return settings;
}

/** @throws LinchpinError `settings_invalid`: there is no protocol of that name */
function checkEnabledProtocols(protocols: readonly SettingsOwner[], { enabledProtocols }: Settings): void {
  const names = protocols.map(({ name }) => name);
  const unknown = enabledProtocols?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw settingInvalid(`LINCHPIN_PROTOCOLS names ${unknown}, but there are: ${names.join(", ")}`);
}

/** @throws LinchpinError `settings_invalid` */
export function readStoreSettings(environment: Environment): ValuesOf<typeof storeSettings> {
  return readRows(environment, storeSettings, "production");
}

/** A setting as `linchpin serve --help` shows it. */
export type SettingVariable = Pick<Setting, "name" | "help" | "isSecret"> & { readonly default: string };

/** Every setting, in the order of `linchpin serve --help`. */
export function settingVariablesOf(protocols: readonly SettingsOwner[]): readonly SettingVariable[] {
  const ofProtocols = protocols.toSorted((a, b) => a.name.localeCompare(b.name, "en")).map(({ settings }) => settings);
  const rows = [issuerSettings, ...ofProtocols, logSettings].flatMap((group: SettingRows) => Object.values(group));
  return rows.map((row) => ({ ...row, default: describeDefault(row.default) }));
}

/** Every URL that is set and that the issuer posts to. */
export function receiversOf(protocols: readonly SettingsOwner[], settings: Settings): readonly Receiver[] {
  const ofProtocols = protocols.flatMap(({ name, settings: rows }) =>
    receiversIn(rows, settings.protocols[name] ?? {}),
  );
  return [...receiversIn(issuerSettings, settings), ...ofProtocols];
}

function receiversIn(rows: SettingRows, values: object): readonly Receiver[] {
  return Object.entries(rows).flatMap(([member, { name, clearTextRisk }]) => {
    const url: unknown = Object.getOwnPropertyDescriptor(values, member)?.value;
    return clearTextRisk !== undefined && typeof url === "string" ? [{ name, url, clearTextRisk }] : [];
  });
}

function tlsFilesOf(files: Pick<Settings, "tlsCertificateFile" | "tlsKeyFile" | "tlsClientCaFile">): TlsFiles | null {
  const { tlsCertificateFile: certificateFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = files;
  if (certificateFile !== null && keyFile !== null) return { certificateFile, keyFile, clientCaFile };
  if (certificateFile !== null || keyFile !== null || clientCaFile !== null)
    throw settingInvalid(
      "LINCHPIN_TLS_CERTIFICATE_FILE and LINCHPIN_TLS_KEY_FILE go together, and a client CA with them",
    );
  return null;
}
