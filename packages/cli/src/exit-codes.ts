/** What the exit code says, after sysexits(3) where it has a word for it. */
export const exitCodes = {
  done: 0,
  refused: 1,
  usage: 64,
  deviceMissing: 66,
  unreachable: 69,
  internal: 70,
  inUse: 75,
  notAllowed: 77,
  settings: 78,
  interrupted: 130,
  readerGone: 141,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "done",
  refused: "the issuer refused, or what was checked does not hold",
  usage: "the command line is wrong",
  deviceMissing: "this terminal has no device yet",
  unreachable: "no issuer, or no database, answers",
  internal: "a defect of linchpin itself",
  inUse: "the data folder or the port is in use",
  notAllowed: "the credentials are missing or not valid",
  settings: "the settings do not allow a start",
  interrupted: "interrupted from the keyboard",
  readerGone: "the reader of its output is gone",
};

/** The table as `--help` shows it. */
export function exitCodesHelp(): string {
  const rows = Object.entries(exitCodes).map(([name, code]) => `  ${`${code}`.padStart(3)}  ${meaningOf(name)}`);
  return `\nExit codes:\n${rows.join("\n")}`;
}

/** What a failure is called in JSON: `refused`, `unreachable` … */
export function exitCodeName(exitCode: ExitCode): string | undefined {
  return Object.entries(exitCodes).find(([, code]) => code === exitCode)?.[0];
}

function meaningOf(name: string): string {
  return meanings[name as keyof typeof exitCodes];
}
