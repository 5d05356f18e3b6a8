import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptIssuerKey, lithicKeyPath, lithicPinKey, sealPin } from "@linchpin/protocols/lithic/device";
import type { CardReply } from "@linchpin/protocols/lithic/wire";
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

/** Lithic's protocol reveals nothing, and asks for no bound device. */
export const lithic: PhoneProtocol = {
  name: "lithic",
  title: "Lithic",
  variables: ["LINCHPIN_LITHIC_URL", "LINCHPIN_LITHIC_API_KEY", "LINCHPIN_LITHIC_CARD"],
  withOptions,
  changePin,
  revealPin: null,
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<LithicOptions & PinOptions & { readonly json?: true }>();
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

/** As `connectLithic` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--lithic-url <url>", "base of Lithic's API; a sandbox tells its own")
        .env("LINCHPIN_LITHIC_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--lithic-api-key <key>", "better in the environment").env("LINCHPIN_LITHIC_API_KEY"))
    .addOption(new Option("--lithic-card <token>", "the card's token at Lithic").env("LINCHPIN_LITHIC_CARD"));
}

interface LithicOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `lithicUrl`. */
  readonly url: string;
  readonly lithicUrl?: string;
  readonly lithicApiKey?: string;
  readonly lithicCard?: string;
}

/** A card as Lithic's protocol names it, and the partner's way to it. */
export interface LithicCard {
  readonly partner: HttpCaller;
  readonly cardToken: string;
  /** Null: the issuer's key is unauthenticated. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure without an API key and a card, unless the issuer is a sandbox */
async function connectLithic({ url, lithicUrl, ...given }: LithicOptions): Promise<LithicCard> {
  const isKnown = given.lithicApiKey !== undefined && given.lithicCard !== undefined;
  const sandbox = isKnown ? null : await findSandbox(lithicUrl === undefined ? url : new URL(lithicUrl).origin);
  const apiKey = given.lithicApiKey ?? sandbox?.lithic.apiKey;
  const cardToken = given.lithicCard ?? sandbox?.lithic.cardToken;
  if (apiKey === undefined || cardToken === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_LITHIC_API_KEY and LINCHPIN_LITHIC_CARD",
    );
  const baseUrl = lithicUrl ?? sandbox?.lithic.baseUrl ?? `${url}/lithic`;
  return { ...lithicCardOf({ baseUrl, apiKey, cardToken }), pins: await readRootPins(given) };
}

export function lithicCardOf({
  baseUrl,
  apiKey,
  cardToken,
}: Pick<SandboxDescription["lithic"], "baseUrl" | "apiKey" | "cardToken">): LithicCard {
  // The key alone: Lithic has no scheme before it.
  return { partner: new HttpCaller(baseUrl, { authorization: apiKey }), cardToken, pins: null };
}
