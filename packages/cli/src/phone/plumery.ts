import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardData, openCardPin, type RevealKey } from "@linchpin/protocols/plumery/device";
import type { CardPinReply, CardReply } from "@linchpin/protocols/plumery/wire";
import { type Command, Option } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { HttpCaller } from "../http-caller.ts";
import { parseUrl } from "../options.ts";
import { findSandbox, type SandboxDescription } from "../sandbox.ts";
import type { CardDetails } from "./card-details.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

export const plumery: PhoneProtocol = {
  name: "plumery",
  title: "Plumery",
  variables: ["LINCHPIN_PLUMERY_URL", "LINCHPIN_PLUMERY_TOKEN", "LINCHPIN_PLUMERY_CARD_TOKEN"],
  withOptions,
  changePin: null,
  revealPin: async (command) => revealPin(await connectPlumery(command.opts())),
  revealCard: async (command) => revealCard(await connectPlumery(command.opts())),
  addCommands: null,
};

/** The caller wipes the PIN. */
async function revealPin(card: PlumeryCard): Promise<Pin> {
  const revealKey = await makeRevealKey(webCryptoPrimitives);
  const { encryptedPayload: payload } = await ask<CardPinReply>(card, "/pin", revealKey);
  return openCardPin(webCryptoPrimitives, { revealKey, payload });
}

async function revealCard(card: PlumeryCard): Promise<CardDetails> {
  const revealKey = await makeRevealKey(webCryptoPrimitives);
  const { expirationDate, encryptedPayload: payload } = await ask<CardReply>(card, "", revealKey);
  return { ...(await openCardData(webCryptoPrimitives, { revealKey, payload })), expirationDate };
}

async function ask<Reply>(
  { partner, cardToken }: PlumeryCard,
  what: string,
  { publicKeyBase64 }: RevealKey,
): Promise<Reply> {
  // The shapes load their library, which no other command needs.
  const { clientPublicKeyHeader } = await import("@linchpin/protocols/plumery/wire");
  const path = `/internal/v1/cards/${encodeURIComponent(cardToken)}${what}`;
  return partner.ask<Reply>("GET", path, undefined, { [clientPublicKeyHeader]: publicKeyBase64 });
}

/** As `connectPlumery` reads them. */
function withOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--plumery-url <url>", "base of Plumery's API; a sandbox tells its own")
        .env("LINCHPIN_PLUMERY_URL")
        .argParser(parseUrl),
    )
    .addOption(new Option("--plumery-token <token>", "better in the environment").env("LINCHPIN_PLUMERY_TOKEN"))
    .addOption(new Option("--card-token <token>", "the card's name at Plumery").env("LINCHPIN_PLUMERY_CARD_TOKEN"));
}

interface PlumeryOptions {
  /** Origin of an issuer, for its sandbox and as the default of `plumeryUrl`. */
  readonly url: string;
  readonly plumeryUrl?: string;
  readonly plumeryToken?: string;
  readonly cardToken?: string;
}

/** A card as Plumery's protocol names it, and the partner's way to it. */
export interface PlumeryCard {
  readonly partner: HttpCaller;
  readonly cardToken: string;
}

/** @throws Failure without a bearer token and a card, unless the issuer is a sandbox */
async function connectPlumery({ url, plumeryUrl, ...given }: PlumeryOptions): Promise<PlumeryCard> {
  const isKnown = given.plumeryToken !== undefined && given.cardToken !== undefined;
  const sandbox = isKnown ? null : await findSandbox(plumeryUrl === undefined ? url : new URL(plumeryUrl).origin);
  const bearerToken = given.plumeryToken ?? sandbox?.plumery.bearerToken;
  const cardToken = given.cardToken ?? sandbox?.plumery.cardToken;
  if (bearerToken === undefined || cardToken === undefined)
    throw new Failure(
      exitCodes.notAllowed,
      "this issuer is no sandbox: set LINCHPIN_PLUMERY_TOKEN and LINCHPIN_PLUMERY_CARD_TOKEN",
    );
  const baseUrl = plumeryUrl ?? sandbox?.plumery.baseUrl ?? `${url}/plumery`;
  return plumeryCardOf({ baseUrl, bearerToken, cardToken });
}

export function plumeryCardOf({ baseUrl, bearerToken, cardToken }: SandboxDescription["plumery"]): PlumeryCard {
  return { partner: new HttpCaller(baseUrl, { authorization: `Bearer ${bearerToken}` }), cardToken };
}
