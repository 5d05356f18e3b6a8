import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  claimOf,
  type IssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPan,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import type { KeyUse, PanRevealReply, PinChangeReply, PinRevealReply } from "@linchpin/protocols/adyen/wire";
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
import type { CardDetails } from "./card-details.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** Adyen's protocol asks for no bound device. */
export const adyen: PhoneProtocol = {
  name: "adyen",
  title: "Adyen",
  variables: ["LINCHPIN_ADYEN_URL", "LINCHPIN_ADYEN_API_KEY", "LINCHPIN_ADYEN_PAYMENT_INSTRUMENT"],
  withOptions,
  changePin,
  revealPin: async (command) => revealPin(await connectAdyen(command.opts())),
  revealCard: async (command) => revealCard(await connectAdyen(command.opts())),
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<AdyenOptions & PinOptions & { readonly json?: true }>();
  const card = await connectAdyen(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  const status = await sendPin(card, pin).finally(() => pin.wipe());
  if (status === "unavailable")
    throw new Failure(exitCodes.unreachable, "the issuer can not take a PIN now: try again later");
  const { paymentInstrumentId } = card;
  if (options.json) return invocation.console.log(JSON.stringify({ paymentInstrumentId, changed: true, status }));
  invocation.console.log(
    status === "completed"
      ? "the PIN is changed"
      : "the PIN is changed; the card's chip takes it when it is next online",
  );
}

/** The caller wipes the PIN. */
async function sendPin(card: AdyenCard, pin: Pin): Promise<PinChangeReply["status"]> {
  const { partner, paymentInstrumentId } = card;
  const issuerKey = await keyFor(card, "pinChange");
  const request = await makePinChangeRequest(webCryptoPrimitives, { pin, issuerKey, paymentInstrumentId });
  return (await partner.ask<PinChangeReply>("POST", "/pins/change", request)).status;
}

/** The caller wipes the PIN. */
async function revealPin(card: AdyenCard): Promise<Pin> {
  const { partner, paymentInstrumentId } = card;
  const issuerKey = await keyFor(card, "pinReveal");
  const { request, sessionKey } = await makeRevealRequest(webCryptoPrimitives, { issuerKey, paymentInstrumentId });
  try {
    const reply = await partner.ask<PinRevealReply>("POST", "/pins/reveal", request);
    return await openRevealedPin(webCryptoPrimitives, { reply, sessionKey });
  } finally {
    sessionKey.fill(0);
  }
}

export async function revealCard(card: AdyenCard): Promise<CardDetails> {
  const { partner, paymentInstrumentId } = card;
  const issuerKey = await keyFor(card, "panReveal");
  const { request, sessionKey } = await makeRevealRequest(webCryptoPrimitives, { issuerKey, paymentInstrumentId });
  try {
    const reply = await partner.ask<PanRevealReply>("POST", "/paymentInstruments/reveal", request);
    const { pan, cvc, expiration } = await openRevealedPan(webCryptoPrimitives, { reply, sessionKey });
    return { pan, cvv2: cvc, expirationDate: `${expiration.month}/${expiration.year.slice(-2)}` };
  } finally {
    sessionKey.fill(0);
  }
}

async function keyFor({ partner, pins }: AdyenCard, use: KeyUse): Promise<IssuerKey> {
  const issuerKey = acceptIssuerKey(await partner.ask("GET", `/publicKey?purpose=${use}`));
  await checkIssuerKey(pins, partner, claimOf(issuerKey, use));
  return issuerKey;
}

/** As `connectAdyen` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--adyen-url <url>", "base of Adyen's API; a sandbox tells its own")
        .env("LINCHPIN_ADYEN_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--adyen-api-key <key>", "better in the environment").env("LINCHPIN_ADYEN_API_KEY"))
    .addOption(
      new Option("--payment-instrument <id>", "the card's name at Adyen").env("LINCHPIN_ADYEN_PAYMENT_INSTRUMENT"),
    );
}

interface AdyenOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `adyenUrl`. */
  readonly url: string;
  readonly adyenUrl?: string;
  readonly adyenApiKey?: string;
  readonly paymentInstrument?: string;
}

/** A card as Adyen's protocol names it, and the partner's way to it. */
export interface AdyenCard {
  readonly partner: HttpCaller;
  readonly paymentInstrumentId: string;
  /** Null: the issuer's keys are unauthenticated. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure without an API key and a card, unless the issuer is a sandbox */
async function connectAdyen({ url, adyenUrl, ...given }: AdyenOptions): Promise<AdyenCard> {
  const isKnown = given.adyenApiKey !== undefined && given.paymentInstrument !== undefined;
  const sandbox = isKnown ? null : await findSandbox(adyenUrl === undefined ? url : new URL(adyenUrl).origin);
  const apiKey = given.adyenApiKey ?? sandbox?.adyen.apiKey;
  const paymentInstrumentId = given.paymentInstrument ?? sandbox?.adyen.paymentInstrumentId;
  if (apiKey === undefined || paymentInstrumentId === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_ADYEN_API_KEY and LINCHPIN_ADYEN_PAYMENT_INSTRUMENT",
    );
  const baseUrl = adyenUrl ?? sandbox?.adyen.baseUrl ?? `${url}/adyen/bcl/v2`;
  return { ...adyenCardOf({ baseUrl, apiKey, paymentInstrumentId }), pins: await readRootPins(given) };
}

export function adyenCardOf({ baseUrl, apiKey, paymentInstrumentId }: SandboxDescription["adyen"]): AdyenCard {
  return { partner: new HttpCaller(baseUrl, { "x-api-key": apiKey }), paymentInstrumentId, pins: null };
}
