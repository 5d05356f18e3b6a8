import { type Command, Option } from "commander";
import type { Invocation } from "../../invocation.ts";
import { phoneProtocols } from "../../phone/phone-protocols.ts";
import { rootsHelp, rootsOption } from "../../root-pins.ts";
import { withDeviceOptions } from "./device-options.ts";
import { withPinOptions } from "./pin-options.ts";

const changers = phoneProtocols.filter(({ changePin }) => changePin !== null);

export function addChangePin(device: Command, invocation: Invocation): void {
  const command = withPinOptions(withDeviceOptions(device.command("change-pin"), invocation)).addOption(rootsOption());
  changers
    .reduce((taking, { withOptions }) => withOptions(taking), command)
    .description("change the card's PIN at once: signed by the device's restricted key, or by another protocol")
    .addOption(
      new Option("--by <protocol>", "by whose protocol").choices(changers.map(({ name }) => name)).default("solaris"),
    )
    .addHelpText("after", help)
    .action(({ by }: { by: string }, parsed: Command) =>
      changers.find(({ name }) => name === by)?.changePin?.(parsed, invocation),
    );
}

const help = `
Solaris' protocol asks for a bound device, and the native one for a device of its own, see \`linchpin device native\`. The
others ask for none, and have no rules of their own: the issuer judges the PIN.
${rootsHelp}

Example:
  linchpin device change-pin --pin-stdin < pin.txt`;
