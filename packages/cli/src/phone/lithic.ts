import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, lithicKeyPath, lithicPinKey, sealPin } from "@linchpin/protocols/lithic/device";
import type { CardReply } from "@linchpin/protocols/lithic/wire";
import type { Command } from "commander";
import type { PinOptions } from "../commands/device/pin-options.ts";
import { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { checkIssuerKey, type RootPinsFile, readRootPins } from "../root-pins.ts";
import type { SandboxDescription } from "../sandbox.ts";
import { askNewPin } from "../terminal/ask-pin.ts";
import { type AccessOptions, addAccessOptions, findAccess, type ParsedOptions, variablesOf } from "./partner-access.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

const access: AccessOptions = {
  url: {
    flags: "--lithic-url <url>",
    help: "base of Lithic's API; a sandbox tells its own",
    variable: "LINCHPIN_LITHIC_URL",
  },
  secret: { flags: "--lithic-api-key <key>", help: "better in the environment", variable: "LINCHPIN_LITHIC_API_KEY" },
  cardName: { flags: "--lithic-card <token>", help: "the card's token at Lithic", variable: "LINCHPIN_LITHIC_CARD" },
  path: "/lithic",
  inSandbox: ({ lithic: { baseUrl, apiKey, cardToken } }) => ({ baseUrl, secret: apiKey, cardName: cardToken }),
};

/** Lithic's protocol reveals nothing, and asks for no bound device. */
export const lithic: PhoneProtocol = {
  name: "lithic",
  title: "Lithic",
  variables: variablesOf(access),
  withOptions: (command) => addAccessOptions(command, access),
  changePin,
  revealPin: null,
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<ParsedOptions & PinOptions & { readonly json?: true }>();
  const card = await connectLithic(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  const { pin_status: pinStatus } = await sendPin(card, await sealed(card, pin).finally(() => pin.wipe()));
  const { cardToken } = card;
  if (options.json) return invocation.console.log(JSON.stringify({ cardToken, changed: true, pinStatus }));
  invocation.console.log(`the PIN is changed; its status is ${pinStatus}`);
}

/** The PIN, sealed with a nonce of its own to the key in the PEM file of this moment. */
export async function sealed(
  { partner, pins }: LithicCard,
  pin: Parameters<typeof sealPin>[1]["pin"],
): Promise<string> {
  const issuerKey = acceptIssuerKey(await partner.ask("GET", lithicKeyPath));
  await checkIssuerKey(pins, partner, { ...lithicPinKey, key: issuerKey });
  return sealPin(webCryptoPrimitives, { pin, issuerKey });
}

export function sendPin({ partner, cardToken }: LithicCard, pin: string): Promise<CardReply> {
  return partner.ask<CardReply>("PATCH", cardPath(cardToken), { pin });
}

export function cardPath(cardToken: string): string {
  return `/v1/cards/${encodeURIComponent(cardToken)}`;
}

/** A card as Lithic's protocol names it, and the partner's way to it. */
export interface LithicCard {
  readonly partner: HttpCaller;
  readonly cardToken: string;
  /** Null: the issuer's key is unauthenticated. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure as `findAccess` */
async function connectLithic(options: ParsedOptions): Promise<LithicCard> {
  const { baseUrl, secret: apiKey, cardName: cardToken } = await findAccess(options, access);
  return { ...lithicCardOf({ baseUrl, apiKey, cardToken }), pins: await readRootPins(options) };
}

export function lithicCardOf({
  baseUrl,
  apiKey,
  cardToken,
}: Pick<SandboxDescription["lithic"], "baseUrl" | "apiKey" | "cardToken">): LithicCard {
  // The key alone: Lithic has no scheme before it.
  return { partner: new HttpCaller(baseUrl, { authorization: apiKey }), cardToken, pins: null };
}
