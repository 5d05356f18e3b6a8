import type { Command } from "commander";
import { connectAdyen } from "../../adyen-caller.ts";
import type { Invocation } from "../../invocation.ts";
import { connectPlumery } from "../../plumery-caller.ts";
import { checkShowable, ownTerminal, showBriefly } from "../../show-briefly.ts";
import { revealCardByAdyen } from "./by-adyen.ts";
import type { CardDetails } from "./card-details.ts";
import { type Revealer, type RevealOptions, withRevealOptions } from "./reveal-options.ts";

export function addRevealCard(device: Command, invocation: Invocation): void {
  withRevealOptions(device.command("reveal-card"))
    .description("show the card's number, CVV2 and expiration date on this terminal, for ten seconds")
    .addHelpText("after", "\nExample:\n  linchpin device reveal-card --by adyen")
    .action((options) => runRevealCard(options, invocation));
}

async function runRevealCard(options: RevealOptions, invocation: Invocation): Promise<void> {
  if (options.json === undefined) checkShowable(invocation);
  const { pan, cvv2, expirationDate } = await reveal[options.by](options);
  if (options.json) return invocation.console.log(JSON.stringify({ pan, cvv2, expirationDate }));
  await showBriefly(
    "Card",
    `${pan.replace(/.{4}(?=.)/g, "$& ")} · CVV2 ${cvv2} · ${expirationDate}`,
    ownTerminal(invocation),
  );
}

const reveal: Readonly<Record<Revealer, (options: RevealOptions) => Promise<CardDetails>>> = {
  adyen: async (options) => revealCardByAdyen(await connectAdyen(options)),
  plumery: async (options) => (await import("./by-plumery.ts")).revealCardByPlumery(await connectPlumery(options)),
};
