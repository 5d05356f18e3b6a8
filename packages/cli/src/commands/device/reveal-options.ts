import { type Command, Option } from "commander";
import type { AdyenOptions } from "../../adyen-caller.ts";
import { urlOption } from "../../options.ts";
import type { PlumeryOptions } from "../../plumery-caller.ts";
import { withAdyenOptions } from "./adyen-options.ts";
import { withPlumeryOptions } from "./plumery-options.ts";

/** The protocols that show a card's secrets to its holder. */
export type Revealer = "adyen" | "plumery";

export interface RevealOptions extends AdyenOptions, PlumeryOptions {
  readonly by: Revealer;
  readonly json?: true;
}

export function withRevealOptions(command: Command): Command {
  command
    .addOption(new Option("--by <protocol>", "by whose protocol").choices(revealers).makeOptionMandatory())
    .addOption(urlOption());
  return withPlumeryOptions(withAdyenOptions(command)).addOption(
    new Option("--json", "answer as JSON, in clear: for scripts"),
  );
}

const revealers: readonly Revealer[] = ["adyen", "plumery"];
