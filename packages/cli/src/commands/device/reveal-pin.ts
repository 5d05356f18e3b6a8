import type { Pin } from "@linchpin/core";
import type { Command } from "commander";
import { connectAdyen } from "../../adyen-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { connectPlumery } from "../../plumery-caller.ts";
import { checkShowable, ownTerminal, showBriefly } from "../../show-briefly.ts";
import { revealPinByAdyen } from "./by-adyen.ts";
import { type Revealer, type RevealOptions, withRevealOptions } from "./reveal-options.ts";

export function addRevealPin(device: Command, invocation: Invocation): void {
  withRevealOptions(device.command("reveal-pin"))
    .description("show the card's PIN on this terminal, for ten seconds")
    .addHelpText("after", "\nExample:\n  linchpin device reveal-pin --by plumery")
    .action((options) => runRevealPin(options, invocation));
}

async function runRevealPin(options: RevealOptions, invocation: Invocation): Promise<void> {
  if (options.json === undefined) checkShowable(invocation);
  const pin = await reveal[options.by](options);
  try {
    if (options.json === undefined) await showBriefly("PIN", pin.asciiDigits(), ownTerminal(invocation));
    else invocation.console.log(JSON.stringify({ pin: new TextDecoder().decode(pin.asciiDigits()) }));
  } finally {
    pin.wipe();
  }
}

const reveal: Readonly<Record<Revealer, (options: RevealOptions) => Promise<Pin>>> = {
  adyen: async (options) => revealPinByAdyen(await connectAdyen(options)),
  plumery: async (options) => (await import("./by-plumery.ts")).revealPinByPlumery(await connectPlumery(options)),
};
