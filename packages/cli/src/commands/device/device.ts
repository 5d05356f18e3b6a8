import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
import { phoneProtocols } from "../../phone/phone-protocols.ts";
import { hideTypingOfPins } from "../../terminal/hide-typing.ts";
import { addAddKey } from "./add-key.ts";
import { addBind } from "./bind.ts";
import { addChangePin } from "./change-pin.ts";
import { addConfirm } from "./confirm.ts";
import { addForget } from "./forget.ts";
import { addRequestChange } from "./request-change.ts";
import { addRequestLetter } from "./request-letter.ts";
import { addRevealCard } from "./reveal-card.ts";
import { addRevealPin } from "./reveal-pin.ts";
import { addShow } from "./show.ts";
import { addVerifyPin } from "./verify-pin.ts";

/** A phone in the terminal: the device half of every protocol, with the partner's relaying beside it. */
export function addDevice(program: Command, invocation: Invocation): void {
  const device = program.command("device").description("a phone in the terminal").addHelpText("after", help);
  hideTypingOfPins(device, invocation);
  addRequestLetter(device, invocation);
  addBind(device, invocation);
  addChangePin(device, invocation);
  addRequestChange(device, invocation);
  addConfirm(device, invocation);
  addAddKey(device, invocation);
  addRevealPin(device, invocation);
  addRevealCard(device, invocation);
  addVerifyPin(device, invocation);
  for (const { addCommands } of phoneProtocols) addCommands?.(device, invocation);
  addShow(device, invocation);
  addForget(device, invocation);
}

const help = `
Against a sandbox the commands find all they need by themselves. Against any other issuer, set what your partner was
given:
${phoneProtocols.map(({ title, variables }) => `  ${title.padEnd(8)} ${variables.join(", ")}`).join("\n")}

Example:
  linchpin device bind && linchpin device change-pin`;
