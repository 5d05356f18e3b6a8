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
import type { Command } from "commander";
import type { PinOptions } from "../commands/device/pin-options.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { checkIssuerKey, type RootPinsFile, readRootPins } from "../root-pins.ts";
import type { SandboxDescription } from "../sandbox.ts";
import { askNewPin } from "../terminal/ask-pin.ts";
import type { CardDetails } from "./card-details.ts";
import { type AccessOptions, addAccessOptions, findAccess, type ParsedOptions, variablesOf } from "./partner-access.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

const access: AccessOptions = {
  url: {
    flags: "--adyen-url <url>",
    help: "base of Adyen's API; a sandbox tells its own",
    variable: "LINCHPIN_ADYEN_URL",
  },
  secret: { flags: "--adyen-api-key <key>", help: "better in the environment", variable: "LINCHPIN_ADYEN_API_KEY" },
  cardName: {
    flags: "--payment-instrument <id>",
    help: "the card's name at Adyen",
    variable: "LINCHPIN_ADYEN_PAYMENT_INSTRUMENT",
  },
  path: "/adyen/bcl/v2",
  inSandbox: ({ adyen: { baseUrl, apiKey, paymentInstrumentId } }) => ({
    baseUrl,
    secret: apiKey,
    cardName: paymentInstrumentId,
  }),
};

/** Adyen's protocol asks for no bound device. */
export const adyen: PhoneProtocol = {
  name: "adyen",
  title: "Adyen",
  variables: variablesOf(access),
  withOptions: (command) => addAccessOptions(command, access),
  changePin,
  revealPin: async (command) => revealPin(await connectAdyen(command.opts())),
  revealCard: async (command) => revealCard(await connectAdyen(command.opts())),
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<ParsedOptions & PinOptions & { readonly json?: true }>();
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

/** A card as Adyen's protocol names it, and the partner's way to it. */
export interface AdyenCard {
  readonly partner: HttpCaller;
  readonly paymentInstrumentId: string;
  /** Null: the issuer's keys are unauthenticated. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure as `findAccess` */
async function connectAdyen(options: ParsedOptions): Promise<AdyenCard> {
  const { baseUrl, secret: apiKey, cardName: paymentInstrumentId } = await findAccess(options, access);
  return { ...adyenCardOf({ baseUrl, apiKey, paymentInstrumentId }), pins: await readRootPins(options) };
}

export function adyenCardOf({ baseUrl, apiKey, paymentInstrumentId }: SandboxDescription["adyen"]): AdyenCard {
  return { partner: new HttpCaller(baseUrl, { "x-api-key": apiKey }), paymentInstrumentId, pins: null };
}
