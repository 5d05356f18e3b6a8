import type { issuerSettings, logSettings } from "./issuer-settings.ts";
import type { ValuesOf } from "./setting.ts";

/** The values of all settings. */
export interface Settings extends ValuesOf<typeof issuerSettings>, ValuesOf<typeof logSettings> {
  /** Null: plain HTTP. */
  readonly tls: TlsFiles | null;
  /** The settings of each protocol, by the protocol's name, as its own rows parse them. */
  readonly protocols: Readonly<Record<string, object>>;
}

/** Files of PEM. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The authorities that must have signed callers' certificates; null: callers show none. */
  readonly clientCaFile: string | null;
}

/** A URL that the issuer posts to. */
export interface Receiver {
  /** The variable. */
  readonly name: string;
  readonly url: string;
  readonly clearTextRisk: string;
}
