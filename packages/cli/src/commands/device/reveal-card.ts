import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { rootsHelp } from "../../root-pins.ts";
import { checkShowable, ownTerminal, showBriefly } from "../../terminal/show-briefly.ts";
import { type RevealOptions, revealerOf, withRevealOptions } from "./reveal-options.ts";

export function addRevealCard(device: Command, invocation: Invocation): void {
  withRevealOptions(device.command("reveal-card"))
    .description("show the card's number, CVV2 and expiration date on this terminal, for ten seconds")
    .addHelpText("after", `${rootsHelp}\n\nExample:\n  linchpin device reveal-card --by adyen`)
    .action((options: RevealOptions, command: Command) => runRevealCard(options, command, invocation));
}

async function runRevealCard(options: RevealOptions, command: Command, invocation: Invocation): Promise<void> {
  if (options.json === undefined) checkShowable(invocation);
  const details = await revealerOf(options).revealCard?.(command, invocation);
  if (details === undefined) return;
  const { pan, cvv2, expirationDate } = details;
  if (options.json) return invocation.console.log(JSON.stringify({ pan, cvv2, expirationDate }));
  await showBriefly(
    "Card",
    `${pan.replace(/.{4}(?=.)/g, "$& ")} · CVV2 ${cvv2} · ${expirationDate}`,
    ownTerminal(invocation),
  );
}
