import type { Settings } from "@linchpin/server/settings";
import pino, { type Logger } from "pino";
import type { Invocation } from "./invocation.ts";

/**
 * In production one JSON object a line, to stdout. In the sandbox one line for a person, to stderr, and only what is
 * wrong unless LINCHPIN_LOG_LEVEL asks for more.
 */
export function makeLogger(settings: Settings, { environment, stdout, stderr }: Invocation): Logger {
  if (settings.mode === "production")
    return pino(
      { level: settings.logLevel },
      stdout.fd === undefined ? stdout : pino.destination({ dest: stdout.fd, ...inBatches }),
    );
  const level = environment["LINCHPIN_LOG_LEVEL"] ? settings.logLevel : "warn";
  return pino({ level, base: null }, { write: (line) => stderr.write(readableLine(line)) });
}

/**
 * A system call a line would cost as much as routing the request. No write is longer than what a pipe takes whole:
 * lines of several workers stay apart. What is left at the end is written; `kill -9` loses a tenth of a second.
 */
const inBatches = { sync: false, minLength: 3584, maxWrite: 4096, periodicFlush: 100 };

interface LoggedLine {
  readonly level: number;
  readonly time: number;
  readonly msg?: string;
}

function readableLine(line: string): string {
  const { level, time, msg = "", ...facts } = JSON.parse(line) as LoggedLine;
  const at = new Date(time).toISOString().slice(11, 23);
  const rest = Object.keys(facts).length === 0 ? "" : ` ${JSON.stringify(facts)}`;
  return `${at} ${pino.levels.labels[level] ?? level} ${msg}${rest}\n`;
}
