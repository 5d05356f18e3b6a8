import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import { key } from "./digit-entry.ts";

/** What showing asks of a terminal. */
export interface Terminal {
  write(shown: string | Uint8Array): void;
  /** What is typed next, byte by byte as in raw mode; null when nothing is for so long. */
  nextKey(withinMs: number | null): Promise<number | null>;
  /** It echoes again what is typed: between two keys it does not. */
  end(): void;
}

const shownForMs = 10_000;
const clearLine = "\r\u001b[K";

/**
 * Shows a secret on one line of the terminal once a key is pressed, and clears it after ten seconds or at the next key.
 * @throws Failure when it is interrupted before it is shown
 */
export async function showBriefly(name: string, secret: string | Uint8Array, terminal: Terminal): Promise<void> {
  try {
    // The terminal is listened to before it asks: what is typed at once is neither echoed nor a signal.
    const asked = terminal.nextKey(null);
    terminal.write(`${name} **** · press a key to show it for ${shownForMs / 1000} seconds`);
    if (isInterruption(await asked)) throw new Failure(exitCodes.interrupted, "interrupted, nothing was shown");
    const enough = terminal.nextKey(shownForMs);
    terminal.write(`${clearLine}${name} `);
    terminal.write(secret);
    await enough;
  } finally {
    terminal.write(`${clearLine}${name} ****\n`);
    terminal.end();
  }
}

/** @throws Failure where there is no terminal: what is written elsewhere stays there */
export function checkShowable({ stdin, stdout }: Invocation): void {
  if (!stdin.isTTY || !stdout.isTTY)
    throw new Failure(exitCodes.usage, "this is shown on a terminal only: a script takes it with --json");
}

const isInterruption = (typed: number | null) => typed === key.interrupt || typed === key.endOfInput;

/** The terminal on which the command runs. */
export function ownTerminal({ stdin, stdout }: Invocation): Terminal {
  return {
    write: (shown) => void stdout.write(shown),
    nextKey: (withinMs) =>
      new Promise((resolve) => {
        const end = (typed: number | null) => {
          clearTimeout(timer);
          stdin.off("data", onData).pause();
          resolve(typed);
        };
        const onData = (typed: Buffer) => end(typed[0] ?? null);
        const timer = withinMs === null ? undefined : setTimeout(end, withinMs, null);
        stdin.setRawMode?.(true);
        stdin.on("data", onData).resume();
      }),
    end: () => void stdin.setRawMode?.(false),
  };
}
