import type { Command } from "commander";
import type { Invocation } from "../../invocation.ts";
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
import { addVenly } from "./venly/venly.ts";
import { addVerifyPin } from "./verify-pin.ts";

/** A phone in the terminal: the device half of every protocol, with the partner's relaying beside it. */
export function addDevice(program: Command, invocation: Invocation): void {
  const device = program.command("device").description("a phone in the terminal").addHelpText("after", help);
  addRequestLetter(device, invocation);
  addBind(device, invocation);
  addChangePin(device, invocation);
  addRequestChange(device, invocation);
  addConfirm(device, invocation);
  addAddKey(device, invocation);
  addRevealPin(device, invocation);
  addRevealCard(device, invocation);
  addVerifyPin(device, invocation);
  addVenly(device, invocation);
  addShow(device, invocation);
  addForget(device, invocation);
}

const help = `
Against a sandbox the commands find all they need by themselves. Against any other issuer, set what your partner was
given:
  Solaris  LINCHPIN_SOLARIS_URL, LINCHPIN_SOLARIS_CLIENT_ID, LINCHPIN_SOLARIS_CLIENT_SECRET
  Adyen    LINCHPIN_ADYEN_URL, LINCHPIN_ADYEN_API_KEY, LINCHPIN_ADYEN_PAYMENT_INSTRUMENT
  Plumery  LINCHPIN_PLUMERY_URL, LINCHPIN_PLUMERY_TOKEN, LINCHPIN_PLUMERY_CARD_TOKEN
  Venly    LINCHPIN_VENLY_URL, LINCHPIN_VENLY_CLIENT_ID, LINCHPIN_VENLY_CLIENT_SECRET

Example:
  linchpin device bind && linchpin device change-pin`;
