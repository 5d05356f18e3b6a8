import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { rootsHelp } from "../../root-pins.ts";
import { checkShowable, ownTerminal, showBriefly } from "../../terminal/show-briefly.ts";
import { type RevealOptions, revealerOf, withRevealOptions } from "./reveal-options.ts";

export function addRevealPin(device: Command, invocation: Invocation): void {
  withRevealOptions(device.command("reveal-pin"))
    .description("show the card's PIN on this terminal, for ten seconds")
    .addHelpText("after", `${rootsHelp}\n\nExample:\n  linchpin device reveal-pin --by plumery`)
    .action((options: RevealOptions, command: Command) => runRevealPin(options, command, invocation));
}

async function runRevealPin(options: RevealOptions, command: Command, invocation: Invocation): Promise<void> {
  if (options.json === undefined) checkShowable(invocation);
  const pin = await revealerOf(options).revealPin?.(command, invocation);
  if (pin === undefined) return;
  try {
    if (options.json === undefined) await showBriefly("PIN", pin.asciiDigits(), ownTerminal(invocation));
    else invocation.console.log(JSON.stringify({ pin: new TextDecoder().decode(pin.asciiDigits()) }));
  } finally {
    pin.wipe();
  }
}
