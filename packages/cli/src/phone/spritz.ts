import { readFile } from "node:fs/promises";
import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  claimOf,
  type Form,
  type IssuerKey,
  makePinGet,
  makePinSet,
  type OaepHash,
  openPinGet,
  readIssuerKey,
} from "@linchpin/protocols/spritz/device";
import { type PinGetReply, type PinSet, sessionIdHeader } from "@linchpin/protocols/spritz/wire";
import { type Command, Option } from "commander";
import type { PinOptions } from "../commands/device/pin-options.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { parseUrl } from "../options.ts";
import { checkIssuerKey, type RootPinsFile, type RootsOptions, readRootPins } from "../root-pins.ts";
import { findSandbox, type SandboxDescription } from "../sandbox.ts";
import { askNewPin } from "../terminal/ask-pin.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** Spritz' form, or Rain's; the protocol asks for no bound device. */
export const spritz: PhoneProtocol = {
  name: "spritz",
  title: "Spritz",
  variables: [
    "LINCHPIN_SPRITZ_URL",
    "LINCHPIN_SPRITZ_API_KEY",
    "LINCHPIN_SPRITZ_CARD",
    "LINCHPIN_SPRITZ_PUBLIC_KEY_FILE",
    "LINCHPIN_SPRITZ_FORM",
    "LINCHPIN_SPRITZ_HASH",
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
  await sendPinSet(card, await makePinSet(webCryptoPrimitives, { pin, issuerKey: await checkedKey(card) }));
}

/** Rain has the wrapped session key in a header. */
async function sendPinSet(card: SpritzCard, { encryptedKey, encryptedPin }: PinSet): Promise<void> {
  const isRain = card.issuerKey.form === "rain";
  const body = isRain ? { encryptedPin } : { encryptedKey, encryptedPin };
  await card.partner.ask("PUT", pinPath(card), body, isRain ? { [sessionIdHeader]: encryptedKey } : {});
}

function sendPinGet({ partner, ...card }: SpritzCard, encryptedKey: string): Promise<PinGetReply> {
  return card.issuerKey.form === "rain"
    ? partner.ask("GET", pinPath(card), undefined, { [sessionIdHeader]: encryptedKey })
    : partner.ask("POST", pinPath(card), { encryptedKey });
}

/** The caller wipes the PIN. */
async function revealPin(card: SpritzCard): Promise<Pin> {
  const { encryptedKey, sessionKey } = await makePinGet(webCryptoPrimitives, await checkedKey(card));
  try {
    const { encryptedPin } = await sendPinGet(card, encryptedKey);
    return await openPinGet(webCryptoPrimitives, { encryptedPin, sessionKey });
  } finally {
    sessionKey.fill(0);
  }
}

async function checkedKey({ partner, pins, issuerKey }: SpritzCard): Promise<IssuerKey> {
  await checkIssuerKey(pins, partner, claimOf(issuerKey));
  return issuerKey;
}

export const pinPath = ({ cardId, issuerKey: { form } }: Pick<SpritzCard, "cardId" | "issuerKey">) =>
  `/v1/${form === "rain" ? "issuing/" : ""}cards/${encodeURIComponent(cardId)}/pin`;

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
    )
    .addOption(
      new Option("--spritz-form <form>", "whose messages are sent: Spritz', or Rain's")
        .choices(["spritz", "rain"])
        .default("spritz")
        .env("LINCHPIN_SPRITZ_FORM"),
    )
    .addOption(
      new Option("--spritz-hash <hash>", "hash of the key's row; unless given, SHA-1 for Spritz and SHA-512 for Rain")
        .choices(["SHA-1", "SHA-512"])
        .env("LINCHPIN_SPRITZ_HASH"),
    );
}

interface SpritzOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `spritzUrl`. */
  readonly url: string;
  readonly spritzUrl?: string;
  readonly spritzApiKey?: string;
  readonly spritzCard?: string;
  readonly spritzPublicKeyFile?: string;
  readonly spritzForm: Form;
  readonly spritzHash?: OaepHash;
}

/** A card as Spritz' protocol names it, and the partner's way to it. */
export interface SpritzCard {
  readonly partner: HttpCaller;
  readonly cardId: string;
  readonly issuerKey: IssuerKey;
  /** Null: that the key is the issuer's is what the file or the sandbox says. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure without an API key, a card and the issuer's key, unless the issuer is a sandbox */
async function connectSpritz({ url, spritzUrl, ...given }: SpritzOptions): Promise<SpritzCard> {
  const { spritzPublicKeyFile: file, spritzForm: form, spritzHash: hash } = given;
  const isKnown = given.spritzApiKey !== undefined && given.spritzCard !== undefined && file !== undefined;
  const sandbox = isKnown ? null : await findSandbox(spritzUrl === undefined ? url : new URL(spritzUrl).origin);
  const apiKey = given.spritzApiKey ?? sandbox?.spritz.apiKey;
  const cardId = given.spritzCard ?? sandbox?.spritz.cardId;
  const publicKey = file === undefined ? publicKeyIn(sandbox, form, hash) : await readFile(file, "utf8");
  if (apiKey === undefined || cardId === undefined || publicKey === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_SPRITZ_API_KEY, LINCHPIN_SPRITZ_CARD and LINCHPIN_SPRITZ_PUBLIC_KEY_FILE",
    );
  const baseUrl = spritzUrl ?? sandbox?.spritz.baseUrl ?? `${url}/spritz`;
  const card = spritzCardOf({ baseUrl, apiKey, cardId, publicKey }, { form, hash });
  return { ...card, pins: await readRootPins(given) };
}

function publicKeyIn(sandbox: SandboxDescription | null, form: Form, hash: OaepHash | undefined): string | undefined {
  if (form === "spritz") return sandbox?.spritz.publicKey;
  return hash === "SHA-1" ? sandbox?.spritz.rain.legacyPublicKey : sandbox?.spritz.rain.publicKey;
}

type Access = Pick<SandboxDescription["spritz"], "baseUrl" | "apiKey" | "cardId" | "publicKey">;

export function spritzCardOf(
  { baseUrl, apiKey, cardId, publicKey }: Access,
  row: { readonly form?: Form; readonly hash?: OaepHash | undefined } = {},
): SpritzCard {
  const partner = new HttpCaller(baseUrl, { authorization: `Bearer ${apiKey}` });
  return { partner, cardId, issuerKey: readIssuerKey(publicKey, row), pins: null };
}
