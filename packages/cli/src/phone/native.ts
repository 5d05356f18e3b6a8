import { LinchpinError } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  makeRevealMessage,
  makeSealedMessage,
  openRevealedCardData,
  openRevealedPin,
} from "@linchpin/protocols/native/device";
import type { Command } from "commander";
import type { PinOptions } from "../commands/device/pin-options.ts";
import type { Invocation } from "../invocation.ts";
import { askNewPin } from "../terminal/ask-pin.ts";
import type { CardDetails } from "./card-details.ts";
import { addNativeCommands } from "./native-commands.ts";
import { settle } from "./native-exchange.ts";
import { type NativeOptions, withNativeOptions } from "./native-partner.ts";
import { checkPolicy, confirmCard, openPhone } from "./native-phone.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** Linchpin's own protocol. A device is bound first, by `linchpin device native bind`; the issuer's roots are pinned. */
export const native: PhoneProtocol = {
  name: "native",
  title: "Native",
  variables: [
    "LINCHPIN_NATIVE_URL",
    "LINCHPIN_NATIVE_CLIENT_ID",
    "LINCHPIN_NATIVE_CLIENT_SECRET",
    "LINCHPIN_NATIVE_CARD",
    "LINCHPIN_ROOTS",
  ],
  withOptions: withNativeOptions,
  changePin,
  revealPin: async (command, invocation) =>
    reveal(command.opts(), invocation, "pin-reveal", (revealed) => openRevealedPin(webCryptoPrimitives, revealed)),
  revealCard: async (command, invocation) =>
    cardDetailsOf(
      await reveal(command.opts(), invocation, "card-reveal", (revealed) =>
        openRevealedCardData(webCryptoPrimitives, revealed),
      ),
    ),
  addCommands: addNativeCommands,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<NativeOptions & PinOptions & { readonly json?: true }>();
  const phone = await openPhone(options, invocation);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  try {
    const session = await phone.openSession("pin-change");
    if (options.check) checkPolicy(session, pin);
    await confirmCard(session, options, invocation);
    const message = await makeSealedMessage(webCryptoPrimitives, session, { pin }, phone.key);
    await settle(phone.card, session, message);
  } finally {
    pin.wipe();
  }
  const { cardId } = phone.card;
  invocation.console.log(options.json ? JSON.stringify({ cardId, changed: true }) : "the PIN is changed");
}

type Opener<Result> = (revealed: Parameters<typeof openRevealedPin>[1]) => Promise<Result>;

async function reveal<Result>(
  options: NativeOptions & { readonly json?: true },
  invocation: Invocation,
  op: "pin-reveal" | "card-reveal",
  open: Opener<Result>,
): Promise<Result> {
  const phone = await openPhone(options, invocation);
  const session = await phone.openSession(op);
  await confirmCard(session, options, invocation);
  const message = await makeRevealMessage(webCryptoPrimitives, session, phone.key);
  const outcome = await settle(phone.card, session, message);
  const sealed = "sealed" in outcome ? outcome.sealed : undefined;
  if (sealed === undefined) throw new LinchpinError("unreachable");
  return open({ session, message, sealed });
}

function cardDetailsOf({ pan, cvv2, expiry }: { pan: string; cvv2: string; expiry: string }): CardDetails {
  return { pan, cvv2, expirationDate: `${expiry.slice(2)}/${expiry.slice(0, 2)}` };
}
