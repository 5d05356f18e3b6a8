import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptKeySet,
  claimOf,
  type KeySet,
  makePinDisplayRequest,
  makePinSetRequest,
  openDisplayedPin,
} from "@linchpin/protocols/worldline/device";
import type { PinDisplayReply, PinSetReply, PinSetRequest } from "@linchpin/protocols/worldline/wire";
import { type Command, Option } from "commander";
import type { PinOptions } from "../commands/device/pin-options.ts";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import type { HttpCaller } from "../http-caller.ts";
import type { Invocation } from "../invocation.ts";
import { parseUrl } from "../options.ts";
import { checkIssuerKey, type RootPinsFile, type RootsOptions, readRootPins } from "../root-pins.ts";
import { findSandbox, type SandboxDescription } from "../sandbox.ts";
import { askNewPin } from "../terminal/ask-pin.ts";
import { authenticateByForm } from "./client-credentials.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

/** Worldline's protocol asks for no bound device; it needs the card's PAN. */
export const worldline: PhoneProtocol = {
  name: "worldline",
  title: "Worldline",
  variables: [
    "LINCHPIN_WORLDLINE_URL",
    "LINCHPIN_WORLDLINE_CLIENT_ID",
    "LINCHPIN_WORLDLINE_CLIENT_SECRET",
    "LINCHPIN_WORLDLINE_ISSUER",
    "LINCHPIN_WORLDLINE_CARD",
    "LINCHPIN_WORLDLINE_PAN",
    "LINCHPIN_WORLDLINE_KEY_SET",
  ],
  withOptions,
  changePin,
  revealPin: async (command) => revealPin(await connectWorldline(command.opts())),
  revealCard: null,
  addCommands: null,
};

async function changePin(command: Command, invocation: Invocation): Promise<void> {
  const options = command.opts<WorldlineOptions & PinOptions & { readonly json?: true }>();
  const card = await connectWorldline(options);
  const pin = await askNewPin({ fromStdin: options.pinStdin ?? false, policy: null }, invocation);
  await sendPin(card, await sealed(card, pin).finally(() => pin.wipe()));
  const { cardReference } = card;
  if (options.json) return invocation.console.log(JSON.stringify({ cardReference, changed: true }));
  invocation.console.log("the PIN is changed");
}

/** The PIN as a block, under a session key of this message. */
export async function sealed({ partner, pan, keySet, pins }: WorldlineCard, pin: Pin): Promise<PinSetRequest> {
  const issuerKey = acceptKeySet(keySet);
  await checkIssuerKey(pins, partner, claimOf(issuerKey));
  return makePinSetRequest(webCryptoPrimitives, { pin, pan, issuerKey });
}

export function sendPin({ partner, cardReference }: WorldlineCard, request: PinSetRequest): Promise<PinSetReply> {
  return partner.ask<PinSetReply>("POST", `/${cardReference}/pin`, request);
}

/** The caller wipes the PIN. */
export async function revealPin({ partner, cardReference, pan, keySet, pins }: WorldlineCard): Promise<Pin> {
  const issuerKey = acceptKeySet(keySet);
  await checkIssuerKey(pins, partner, claimOf(issuerKey));
  const { request, sessionKey } = await makePinDisplayRequest(webCryptoPrimitives, issuerKey);
  try {
    const { data } = await partner.ask<PinDisplayReply>("POST", `/${cardReference}/display-pin`, request);
    return await openDisplayedPin(webCryptoPrimitives, { attribute: data.externalPinAttribute, pan, sessionKey });
  } finally {
    sessionKey.fill(0);
  }
}

/** As `connectWorldline` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--worldline-url <url>", "base of Worldline's API; a sandbox tells its own")
        .env("LINCHPIN_WORLDLINE_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--worldline-client-id <id>", "of the bank").env("LINCHPIN_WORLDLINE_CLIENT_ID"))
    .addOption(
      new Option("--worldline-client-secret <secret>", "better in the environment").env(
        "LINCHPIN_WORLDLINE_CLIENT_SECRET",
      ),
    )
    .addOption(new Option("--worldline-issuer <id>", "the issuerId in paths").env("LINCHPIN_WORLDLINE_ISSUER"))
    .addOption(new Option("--worldline-card <reference>", "the card's cardReference").env("LINCHPIN_WORLDLINE_CARD"))
    .addOption(new Option("--worldline-pan <digits>", "better in the environment").env("LINCHPIN_WORLDLINE_PAN"))
    .addOption(
      new Option("--worldline-key-set <base64>", "SPKI of key set 01, as the issuer handed it over").env(
        "LINCHPIN_WORLDLINE_KEY_SET",
      ),
    );
}

interface WorldlineOptions extends RootsOptions {
  /** Origin of an issuer, for its sandbox and as the default of `worldlineUrl`. */
  readonly url: string;
  readonly worldlineUrl?: string;
  readonly worldlineClientId?: string;
  readonly worldlineClientSecret?: string;
  readonly worldlineIssuer?: string;
  readonly worldlineCard?: string;
  readonly worldlinePan?: string;
  readonly worldlineKeySet?: string;
}

/** A card as Worldline's protocol names it, and the bank's way to it. */
export interface WorldlineCard {
  readonly partner: HttpCaller;
  readonly cardReference: string;
  readonly pan: string;
  readonly keySet: KeySet;
  /** Null: the key set is taken as it was handed over. */
  readonly pins: RootPinsFile | null;
}

/** @throws Failure without the bank's access and the card's, unless the issuer is a sandbox */
async function connectWorldline({ url, worldlineUrl, ...given }: WorldlineOptions): Promise<WorldlineCard> {
  const known = [
    given.worldlineClientId,
    given.worldlineClientSecret,
    given.worldlineIssuer,
    given.worldlineCard,
    given.worldlinePan,
    given.worldlineKeySet,
  ];
  const isKnown = known.every((value) => value !== undefined);
  const sandbox = isKnown ? null : await findSandbox(worldlineUrl === undefined ? url : new URL(worldlineUrl).origin);
  if (!isKnown && sandbox === null)
    throw new Failure(
      exitCodes.notAllowed,
      `this issuer is no sandbox: set ${worldline.variables.slice(1).join(", ")}`,
    );
  const baseUrl = worldlineUrl ?? sandbox?.worldline.baseUrl ?? `${url}/worldline`;
  const told = sandbox?.worldline;
  const card = await worldlineCardOf({
    baseUrl,
    tokenUrl: `${baseUrl}/token`,
    clientId: given.worldlineClientId ?? told?.clientId ?? "",
    clientSecret: given.worldlineClientSecret ?? told?.clientSecret ?? "",
    issuerId: given.worldlineIssuer ?? told?.issuerId ?? "",
    cardReference: given.worldlineCard ?? told?.cardReference ?? "",
    pan: given.worldlinePan ?? told?.pan ?? "",
    keySets: { "01": given.worldlineKeySet ?? told?.keySets["01"] ?? "" },
  });
  return { ...card, pins: await readRootPins(given) };
}

type Access = Omit<SandboxDescription["worldline"], "issuerCardExternalReference" | "keySets"> & {
  readonly keySets: { readonly "01": string };
};

export async function worldlineCardOf({ keySets, cardReference, pan, ...access }: Access): Promise<WorldlineCard> {
  const { baseUrl, issuerId } = access;
  const cards = `${baseUrl}/card-issuing/api/v2/issuers/${encodeURIComponent(issuerId)}/cards`;
  const partner = await authenticateByForm({ ...access, baseUrl: cards });
  return { partner, cardReference, pan, keySet: { keyId: "01", publicKey: keySets["01"] }, pins: null };
}
