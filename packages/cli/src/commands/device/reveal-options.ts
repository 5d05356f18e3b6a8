import { type Command, Option } from "commander";
import { urlOption } from "../../options.ts";
import type { PhoneProtocol } from "../../phone/phone-protocol.ts";
import { phoneProtocols } from "../../phone/phone-protocols.ts";
import { rootsOption } from "../../root-pins.ts";

export interface RevealOptions {
  readonly by: string;
  readonly json?: true;
}

/** The protocols that show a card's secrets to its holder. */
const revealers = phoneProtocols.filter(({ revealPin }) => revealPin !== null);

export function withRevealOptions(command: Command): Command {
  const choices = revealers.map(({ name }) => name);
  command
    .addOption(new Option("--by <protocol>", "by whose protocol").choices(choices).makeOptionMandatory())
    .addOption(urlOption())
    .addOption(rootsOption());
  return revealers
    .reduce((taking, { withOptions }) => withOptions(taking), command)
    .addOption(new Option("--json", "answer as JSON, in clear: for scripts"));
}

/** `by` is one of the choices. */
export function revealerOf({ by }: RevealOptions): PhoneProtocol {
  const revealer = revealers.find(({ name }) => name === by);
  if (revealer === undefined) throw new Error(`no protocol is called ${by}`);
  return revealer;
}
