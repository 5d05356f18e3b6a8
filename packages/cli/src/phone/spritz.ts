import { readFile } from "node:fs/promises";
import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  claimOf,
  type IssuerKey,
  makePinGet,
  makePinSet,
  openPinGet,
  readIssuerKey,
} from "@linchpin/protocols/spritz/device";
import type { PinGetReply, PinSetReply } from "@linchpin/protocols/spritz/wire";
import { type Command, Option } from "commander";
import { askNewPin } from "../ask-pin.ts";
import type { PinOptions } from "../commands/device/pin-options.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { parseUrl } from "../options.ts";
import { checkIssuerKey, type RootPins, type RootsOptions, readRootPins } from "../root-pins.ts";
import { findSandbox, type SandboxDescription } from "../sandbox.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** Spritz' own form; the protocol asks for no bound device. */
export const spritz: PhoneProtocol = {
  name: "spritz",
  title: "Spritz",
  variables: [
    "LINCHPIN_SPRITZ_URL",
    "LINCHPIN_SPRITZ_API_KEY",
    "LINCHPIN_SPRITZ_CARD",
    "LINCHPIN_SPRITZ_PUBLIC_KEY_FILE",
  ],
  withOptions,
  changePin,
  revealPin: async (command) => revealPin(await connectSpritz(command.opts())),
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<SpritzOptions & PinOptions & { readonly json?: true }>();
  const card = await connectSpritz(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  await setPin(card, pin).finally(() => pin.wipe());
  const { cardId } = card;
  if (options.json) return invocation.console.log(JSON.stringify({ cardId, changed: true }));
  invocation.console.log("the PIN is changed");
}

/** The caller wipes the PIN. */
async function setPin(card: SpritzCard, pin: Pin): Promise<void> {
  const message = await makePinSet(webCryptoPrimitives, { pin, issuerKey: await checkedKey(card) });
  await card.partner.ask<PinSetReply>("PUT", pinPath(card), message);
}

/** The caller wipes the PIN. */
async function revealPin(card: SpritzCard): Promise<Pin> {
  const { encryptedKey, sessionKey } = await makePinGet(webCryptoPrimitives, await checkedKey(card));
  try {
    const { encryptedPin } = await card.partner.ask<PinGetReply>("POST", pinPath(card), { encryptedKey });
    return await openPinGet(webCryptoPrimitives, { encryptedPin, sessionKey });
  } finally {
    sessionKey.fill(0);
  }
}

async function checkedKey({ partner, pins, issuerKey }: SpritzCard): Promise<IssuerKey> {
  await checkIssuerKey(pins, partner, claimOf(issuerKey));
  return issuerKey;
}

export const pinPath = ({ cardId }: Pick<SpritzCard, "cardId">) => `/v1/cards/${encodeURIComponent(cardId)}/pin`;

/** As `connectSpritz` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--spritz-url <url>", "base of Spritz' API; a sandbox tells its own")
        .env("LINCHPIN_SPRITZ_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--spritz-api-key <key>", "better in the environment").env("LINCHPIN_SPRITZ_API_KEY"))
    .addOption(new Option("--spritz-card <id>", "the card's name at Spritz").env("LINCHPIN_SPRITZ_CARD"))
    .addOption(
      new Option("--spritz-public-key-file <file>", "the issuer's key, PEM; a sandbox tells its own").env(
        "LINCHPIN_SPRITZ_PUBLIC_KEY_FILE",
      ),
    );
}

interface SpritzOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `spritzUrl`. */
  readonly url: string;
  readonly spritzUrl?: string;
  readonly spritzApiKey?: string;
  readonly spritzCard?: string;
  readonly spritzPublicKeyFile?: string;
}

/** A card as Spritz' protocol names it, and the partner's way to it. */
export interface SpritzCard {
  readonly partner: HttpCaller;
  readonly cardId: string;
  readonly issuerKey: IssuerKey;
  /** Null: that the key is the issuer's is what the file or the sandbox says. */
  readonly pins: RootPins | null;
}

/** @throws Failure without an API key, a card and the issuer's key, unless the issuer is a sandbox */
async function connectSpritz({ url, spritzUrl, ...given }: SpritzOptions): Promise<SpritzCard> {
  const file = given.spritzPublicKeyFile;
  const isKnown = given.spritzApiKey !== undefined && given.spritzCard !== undefined && file !== undefined;
  const sandbox = isKnown ? null : await findSandbox(spritzUrl === undefined ? url : new URL(spritzUrl).origin);
  const apiKey = given.spritzApiKey ?? sandbox?.spritz.apiKey;
  const cardId = given.spritzCard ?? sandbox?.spritz.cardId;
  const publicKey = file === undefined ? sandbox?.spritz.publicKey : await readFile(file, "utf8");
  if (apiKey === undefined || cardId === undefined || publicKey === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_SPRITZ_API_KEY, LINCHPIN_SPRITZ_CARD and LINCHPIN_SPRITZ_PUBLIC_KEY_FILE",
    );
  const baseUrl = spritzUrl ?? sandbox?.spritz.baseUrl ?? `${url}/spritz`;
  return { ...spritzCardOf({ baseUrl, apiKey, cardId, publicKey }), pins: await readRootPins(given) };
}

export function spritzCardOf({
  baseUrl,
  apiKey,
  cardId,
  publicKey,
}: Pick<SandboxDescription["spritz"], "baseUrl" | "apiKey" | "cardId" | "publicKey">): SpritzCard {
  const partner = new HttpCaller(baseUrl, { authorization: `Bearer ${apiKey}` });
  return { partner, cardId, issuerKey: readIssuerKey(publicKey), pins: null };
}
