import { createInterface } from "node:readline/promises";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { Invocation } from "../invocation.ts";
import type { CeremonyTerminal } from "./ceremony.ts";

// The alternate screen has no history to scroll back to; it is cleared before it is left.
const enterAlone = "\u001b[?1049h\u001b[2J\u001b[H";
const leaveAlone = "\u001b[2J\u001b[3J\u001b[H\u001b[?1049l";

/**
 * Holds a ceremony on the terminal on which the command runs. What is typed outside of its screens is not echoed: it
 * could be part of a share. @throws Failure where there is no terminal, and what `hold` throws
 */
export async function onOwnTerminal(
  invocation: Invocation,
  hold: (terminal: CeremonyTerminal) => Promise<void>,
): Promise<void> {
  if (!invocation.stdin.isTTY || !invocation.stderr.isTTY)
    throw new Failure(exitCodes.usage, "shares are shown and typed on a terminal only: run it on one");
  invocation.stdin.setRawMode?.(true);
  try {
    await hold(terminalOf(invocation));
  } finally {
    invocation.stdin.setRawMode?.(false);
  }
}

function terminalOf(invocation: Invocation): CeremonyTerminal {
  return {
    say: (line) => invocation.console.error(line),
    showAlone: async (lines) => {
      await askAlone(invocation, `${lines.join("\n")}\n\nWrite it down, every character. Enter clears the screen. `);
    },
    ask: (question) => askAlone(invocation, `${question}\n`),
  };
}

async function askAlone({ stdin, stderr }: Invocation, text: string): Promise<string> {
  const prompt = createInterface({ input: stdin, output: stderr, historySize: 0 });
  const interrupted = new Promise<never>((_resolve, reject) => {
    prompt.once("SIGINT", () => reject(new Failure(exitCodes.interrupted, "interrupted, nothing was written")));
    prompt.once("close", () => reject(new Failure(exitCodes.interrupted, "interrupted, nothing was written")));
  });
  stderr.write(enterAlone);
  try {
    return await Promise.race([prompt.question(text), interrupted]);
  } finally {
    interrupted.catch(() => {});
    prompt.close();
    // Closed, a prompt lets the terminal echo again.
    stdin.setRawMode?.(true);
    stderr.write(leaveAlone);
  }
}
