import type { Command } from "commander";
import type { Invocation } from "../invocation.ts";
import { key } from "./digit-entry.ts";

/** How a command that hides typing gives back what was typed meanwhile. */
const takers = new WeakMap<Invocation, () => void>();

/**
 * Hides what is typed from the start of a command that will ask for a PIN: not at the question, before which it may
 * connect to an issuer. What is typed meanwhile answers the question, and Ctrl-C ends the process.
 */
export function hideTypingOfPins(command: Command, invocation: Invocation): void {
  command.hook("preAction", (_command, action) => {
    const asksForPin = action.options.some(({ long }) => long === "--pin-stdin") && !action.opts()["pinStdin"];
    if (asksForPin && invocation.stdin.isTTY) hideTyping(invocation);
  });
}

function hideTyping(invocation: Invocation): void {
  const { stdin, stderr, interrupt } = invocation;
  stdin.setRawMode?.(true);
  // What was typed before the process ran was echoed by the terminal: its line is cleared.
  stderr.write("\r\u001b[K");
  const ahead: Buffer[] = [];
  const onData = (typed: Buffer) => {
    if (typed.includes(key.interrupt)) interrupt();
    else ahead.push(typed);
  };
  stdin.on("data", onData).resume();
  takers.set(invocation, () => {
    stdin.off("data", onData).pause();
    for (const typed of ahead.reverse()) stdin.unshift(typed);
  });
}

/** Hands what was typed ahead to whoever reads next; the terminal stays as it is. */
export function takeTypedAhead(invocation: Invocation): void {
  takers.get(invocation)?.();
  takers.delete(invocation);
}

/** Where typing is still hidden, as no question was asked: the terminal echoes again. */
export function endHiding(invocation: Invocation): void {
  if (!takers.has(invocation)) return;
  takeTypedAhead(invocation);
  invocation.stdin.setRawMode?.(false);
}
