import type { Command } from "commander";
import { addAddKey } from "./add-key.ts";
import { addBind } from "./bind.ts";
import { addChangePin } from "./change-pin.ts";
import { addConfirm } from "./confirm.ts";
import { addForget } from "./forget.ts";
import { addRequestChange } from "./request-change.ts";
import { addShow } from "./show.ts";

/** A phone in the terminal: the device half of Solaris' protocol, with the partner's relaying beside it. */
export function addDevice(program: Command): void {
  const device = program.command("device").description("a phone in the terminal").addHelpText("after", help);
  addBind(device);
  addChangePin(device);
  addRequestChange(device);
  addConfirm(device);
  addAddKey(device);
  addShow(device);
  addForget(device);
}

const help = `
Against a sandbox the commands find all they need by themselves. Against any other issuer, set what your partner was
given: LINCHPIN_SOLARIS_URL, LINCHPIN_SOLARIS_CLIENT_ID, LINCHPIN_SOLARIS_CLIENT_SECRET.

Example:
  linchpin device bind && linchpin device change-pin`;
