/** The sandbox is for tests and for trying; production starts on no default of the sandbox. */
export type Mode = "sandbox" | "production";

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting of the operator, which is an environment variable: all that the issuer knows of it is its row. */
export interface Setting {
  readonly name: `LINCHPIN_${string}`;
  /** The description in `linchpin serve --help`. */
  readonly help: string;
  /** Used where the variable is unset or empty. */
  readonly default: Default;
  /** @throws LinchpinError `settings_invalid`; the reason names the variable and its form */
  readonly parse: (text: string, name: string) => unknown;
  /** Never shown. */
  readonly isSecret?: true;
  /** Spaces around the text belong to it, and an empty text is a value. */
  readonly isVerbatim?: true;
  /** Of a URL that the issuer posts to: what clear text would allow. Production then needs https, save on loopback. */
  readonly clearTextRisk?: string;
}

/** Text to be parsed, or one for each mode; or a value that no text gives, with the words for it in `--help`. */
type Default = string | Readonly<Record<Mode, string>> | { readonly value: unknown; readonly words: string };

/** Settings by their names in the code. */
export type SettingRows = Readonly<Record<string, Setting>>;

/** The values that `readRows` returns for these rows. */
export type ValuesOf<Rows extends SettingRows> = { readonly [Name in keyof Rows]: ValueOf<Rows[Name]> };
type ValueOf<Row extends Setting> =
  | ReturnType<Row["parse"]>
  | (Row["default"] extends { readonly value: infer Value } ? Value : never);

/** @throws LinchpinError `settings_invalid` */
export function readRows<Rows extends SettingRows>(environment: Environment, rows: Rows, mode: Mode): ValuesOf<Rows> {
  const values = Object.entries(rows).map(([name, row]) => [name, readRow(environment, row, mode)]);
  return Object.fromEntries(values);
}

function readRow(environment: Environment, { name, default: unset, parse, isVerbatim }: Setting, mode: Mode): unknown {
  const given = isVerbatim ? environment[name] : environment[name]?.trim() || undefined;
  if (given !== undefined) return parse(given, name);
  if (typeof unset === "string") return parse(unset, name);
  return "value" in unset ? unset.value : parse(unset[mode], name);
}

/** The default as `--help` shows it. */
export function describeDefault(unset: Default): string {
  if (typeof unset === "string") return unset;
  return "value" in unset ? unset.words : `${unset.production}; ${unset.sandbox} in the sandbox`;
}
