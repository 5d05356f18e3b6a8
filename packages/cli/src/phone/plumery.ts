import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardData, openCardPin, type RevealKey } from "@linchpin/protocols/plumery/device";
import type { CardPinReply, CardReply } from "@linchpin/protocols/plumery/wire";
import { HttpCaller } from "../http-caller.ts";
import type { SandboxDescription } from "../sandbox.ts";
import type { CardDetails } from "./card-details.ts";
import { type AccessOptions, addAccessOptions, findAccess, type ParsedOptions, variablesOf } from "./partner-access.ts";
import type { PhoneProtocol } from "./phone-protocol.ts";

const access: AccessOptions = {
  url: {
    flags: "--plumery-url <url>",
    help: "base of Plumery's API; a sandbox tells its own",
    variable: "LINCHPIN_PLUMERY_URL",
  },
  secret: { flags: "--plumery-token <token>", help: "better in the environment", variable: "LINCHPIN_PLUMERY_TOKEN" },
  cardName: {
    flags: "--card-token <token>",
    help: "the card's name at Plumery",
    variable: "LINCHPIN_PLUMERY_CARD_TOKEN",
  },
  path: "/plumery",
  inSandbox: ({ plumery: { baseUrl, bearerToken, cardToken } }) => ({
    baseUrl,
    secret: bearerToken,
    cardName: cardToken,
  }),
};

export const plumery: PhoneProtocol = {
  name: "plumery",
  title: "Plumery",
  variables: variablesOf(access),
  withOptions: (command) => addAccessOptions(command, access),
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

/** A card as Plumery's protocol names it, and the partner's way to it. */
export interface PlumeryCard {
  readonly partner: HttpCaller;
  readonly cardToken: string;
}

/** @throws Failure as `findAccess` */
async function connectPlumery(options: ParsedOptions): Promise<PlumeryCard> {
  const { baseUrl, secret: bearerToken, cardName: cardToken } = await findAccess(options, access);
  return plumeryCardOf({ baseUrl, bearerToken, cardToken });
}

export function plumeryCardOf({ baseUrl, bearerToken, cardToken }: SandboxDescription["plumery"]): PlumeryCard {
  return { partner: new HttpCaller(baseUrl, { authorization: `Bearer ${bearerToken}` }), cardToken };
}
