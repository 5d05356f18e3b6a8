import type { EventEmitter } from "node:events";
import type { Readable, Writable } from "node:stream";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that may be a terminal. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
export type Output = Writable & { readonly isTTY?: boolean; readonly fd?: number };

/** What one run of the command is given: the process's own, or a test's. No command reaches for the process itself. */
export interface Invocation {
  readonly environment: Environment;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Writes lines to `stdout` and `stderr`. */
  readonly console: Console;
  /** Emits signals by their names. */
  readonly signals: Pick<EventEmitter, "on">;
  /** Ends the process as Ctrl-C does, where the terminal sends no signal for it. */
  readonly interrupt: () => void;
}
