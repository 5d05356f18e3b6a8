import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin, stripePinKey } from "@linchpin/protocols/stripe/device";
import type { CardReply } from "@linchpin/protocols/stripe/wire";
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
    flags: "--stripe-url <url>",
    help: "base of Stripe's API; a sandbox tells its own",
    variable: "LINCHPIN_STRIPE_URL",
  },
  secret: { flags: "--stripe-api-key <key>", help: "better in the environment", variable: "LINCHPIN_STRIPE_API_KEY" },
  cardName: { flags: "--stripe-card <id>", help: "the card's name at Stripe", variable: "LINCHPIN_STRIPE_CARD" },
  path: "/stripe",
  inSandbox: ({ stripe: { baseUrl, apiKey, cardId } }) => ({ baseUrl, secret: apiKey, cardName: cardId }),
};

/** Stripe's protocol reveals nothing, and asks for no bound device. */
export const stripe: PhoneProtocol = {
  name: "stripe",
  title: "Stripe",
  variables: variablesOf(access),
  withOptions: (command) => addAccessOptions(command, access),
  changePin,
  revealPin: null,
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<ParsedOptions & PinOptions & { readonly json?: true }>();
  const card = await connectStripe(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  const { status } = await sendPin(card, await sealed(card, pin).finally(() => pin.wipe()));
  const { cardId } = card;
  if (options.json) return invocation.console.log(JSON.stringify({ cardId, changed: true, status }));
  invocation.console.log(`the PIN is changed; the card is ${status}`);
}

/** The PIN, sealed to the key of this moment. */
export async function sealed(
  { partner, pins }: StripeCard,
  pin: Parameters<typeof sealPin>[1]["pin"],
): Promise<string> {
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/v1/keys"));
  await checkIssuerKey(pins, partner, { ...stripePinKey, key: issuerKey.key });
  return sealPin(webCryptoPrimitives, { pin, issuerKey });
}

function sendPin({ partner, cardId }: StripeCard, encryptedNumber: string): Promise<CardReply> {
  const form = new URLSearchParams({ "pin[encrypted_number]": encryptedNumber });
  return partner.ask<CardReply>("POST", `/v1/issuing/cards/${encodeURIComponent(cardId)}`, form);
}

/** A card as Stripe's protocol names it, and the partner's way to it. */
export interface StripeCard {
  readonly partner: HttpCaller;
  readonly cardId: string;
  /** Null: the issuer's key is unauthenticated. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure as `findAccess` */
async function connectStripe(options: ParsedOptions): Promise<StripeCard> {
  const { baseUrl, secret: apiKey, cardName: cardId } = await findAccess(options, access);
  return { ...stripeCardOf({ baseUrl, apiKey, cardId }), pins: await readRootPins(options) };
}

export function stripeCardOf({
  baseUrl,
  apiKey,
  cardId,
}: Pick<SandboxDescription["stripe"], "baseUrl" | "apiKey" | "cardId">): StripeCard {
  return { partner: new HttpCaller(baseUrl, { authorization: `Bearer ${apiKey}` }), cardId, pins: null };
}
