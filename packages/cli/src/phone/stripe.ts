import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, sealPin, stripePinKey } from "@linchpin/protocols/stripe/device";
import type { CardReply } from "@linchpin/protocols/stripe/wire";
import { type Command, Option } from "commander";
import { askNewPin } from "../ask-pin.ts";
import type { PinOptions } from "../commands/device/pin-options.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { parseUrl } from "../options.ts";
import { checkIssuerKey, type RootPinsFile, type RootsOptions, readRootPins } from "../root-pins.ts";
import { findSandbox, type SandboxDescription } from "../sandbox.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** Stripe's protocol reveals nothing, and asks for no bound device. */
export const stripe: PhoneProtocol = {
  name: "stripe",
  title: "Stripe",
  variables: ["LINCHPIN_STRIPE_URL", "LINCHPIN_STRIPE_API_KEY", "LINCHPIN_STRIPE_CARD"],
  withOptions,
  changePin,
  revealPin: null,
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<StripeOptions & PinOptions & { readonly json?: true }>();
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

/** As `connectStripe` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--stripe-url <url>", "base of Stripe's API; a sandbox tells its own")
        .env("LINCHPIN_STRIPE_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--stripe-api-key <key>", "better in the environment").env("LINCHPIN_STRIPE_API_KEY"))
    .addOption(new Option("--stripe-card <id>", "the card's name at Stripe").env("LINCHPIN_STRIPE_CARD"));
}

interface StripeOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `stripeUrl`. */
  readonly url: string;
  readonly stripeUrl?: string;
  readonly stripeApiKey?: string;
  readonly stripeCard?: string;
}

/** A card as Stripe's protocol names it, and the partner's way to it. */
export interface StripeCard {
  readonly partner: HttpCaller;
  readonly cardId: string;
  /** Null: the issuer's key is unauthenticated. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure without an API key and a card, unless the issuer is a sandbox */
async function connectStripe({ url, stripeUrl, ...given }: StripeOptions): Promise<StripeCard> {
  const isKnown = given.stripeApiKey !== undefined && given.stripeCard !== undefined;
  const sandbox = isKnown ? null : await findSandbox(stripeUrl === undefined ? url : new URL(stripeUrl).origin);
  const apiKey = given.stripeApiKey ?? sandbox?.stripe.apiKey;
  const cardId = given.stripeCard ?? sandbox?.stripe.cardId;
  if (apiKey === undefined || cardId === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_STRIPE_API_KEY and LINCHPIN_STRIPE_CARD",
    );
  const baseUrl = stripeUrl ?? sandbox?.stripe.baseUrl ?? `${url}/stripe`;
  return { ...stripeCardOf({ baseUrl, apiKey, cardId }), pins: await readRootPins(given) };
}

export function stripeCardOf({
  baseUrl,
  apiKey,
  cardId,
}: Pick<SandboxDescription["stripe"], "baseUrl" | "apiKey" | "cardId">): StripeCard {
  return { partner: new HttpCaller(baseUrl, { authorization: `Bearer ${apiKey}` }), cardId, pins: null };
}
