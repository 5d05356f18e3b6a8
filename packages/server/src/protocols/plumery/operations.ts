import {
  type ClientPublicKey,
  formatExpirationDate,
  parseClientPublicKey,
  sealCardData,
  sealCardPin,
} from "@linchpin/protocols/plumery/issuer";
import type { CardReply, EncryptedPayload } from "@linchpin/protocols/plumery/wire";
import type { Card } from "@linchpin/store";
import { operationEvent, textDigest } from "../../audit/index.ts";
import { checkCardState, checkPinState, findNamedCard, revealCardData } from "../../cards/index.ts";
import type { Caller, Context } from "../../context/index.ts";
import { type OperationRun, type PinOperation, revealPin } from "../../pin/index.ts";
import { plumeryAudit } from "./audit.ts";

/** Nothing sealed comes in, only the key that the answer is sealed to. */
type RevealOperation<Answer, Fact extends string> = PinOperation<
  PlumeryReveal,
  ClientPublicKey,
  undefined,
  Answer,
  Card,
  Fact
>;

export interface PlumeryReveal {
  /** The card's token, as the path names it. */
  readonly cardName: string;
  readonly clientPublicKey: string;
  readonly hkdfInfo: Uint8Array;
}

/** `GET /internal/v1/cards/{token}/pin` */
export const cardsPin: RevealOperation<EncryptedPayload, "pinVersion"> = {
  name: "plumery.cards.pin",
  card: findPlumeryCard,
  cardState: checkPinState,
  parse: parseClientKey,
  sender: null,
  key: null,
  replay: null,
  attempt: null,
  open: null,
  spend: null,
  policy: null,
  commit: revealPinToClientKey,
  refusal: null,
  event: operationEvent(plumeryAudit["plumery.cards.pin"], factsOfClientKey),
};

/** `GET /internal/v1/cards/{token}`: PAN and CVV2, whatever the PIN's state. */
export const cards: RevealOperation<Omit<CardReply, "token">, never> = {
  ...cardsPin,
  name: "plumery.cards",
  cardState: checkCardState,
  attempt: null,
  policy: null,
  commit: revealCardDataToClientKey,
  event: operationEvent(plumeryAudit["plumery.cards"], factsOfClientKey),
};

async function factsOfClientKey({ clientPublicKey }: PlumeryReveal, context: Context) {
  return { clientPublicKeyHmac: await textDigest(context, clientPublicKey) };
}

function findPlumeryCard(context: Context, caller: Caller, { cardName }: PlumeryReveal): Promise<Card> {
  return findNamedCard(context, caller, "plumery", cardName);
}

function parseClientKey(context: Context, { clientPublicKey }: PlumeryReveal): Promise<ClientPublicKey> {
  return parseClientPublicKey(context.primitives, clientPublicKey);
}

type RevealRun<Fact extends string> = OperationRun<PlumeryReveal, ClientPublicKey, undefined, Card, Fact>;

function revealPinToClientKey(
  context: Context,
  { card, request, sealed: client, facts }: RevealRun<"pinVersion">,
): Promise<EncryptedPayload> {
  return revealPin(context, { card, facts }, (pin) =>
    sealCardPin(context.primitives, { pin, client, info: request.hkdfInfo }),
  );
}

function revealCardDataToClientKey(
  context: Context,
  { card, request, sealed: client, facts }: RevealRun<never>,
): Promise<Omit<CardReply, "token">> {
  return revealCardData(context, { card, facts }, async ({ pan, cvv2, expiration }) => ({
    expirationDate: formatExpirationDate(expiration),
    encryptedPayload: await sealCardData(context.primitives, { pan, cvv2, client, info: request.hkdfInfo }),
  }));
}
