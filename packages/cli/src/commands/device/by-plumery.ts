import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardData, openCardPin, type RevealKey } from "@linchpin/protocols/plumery/device";
import { type CardPinReply, type CardReply, clientPublicKeyHeader } from "@linchpin/protocols/plumery/wire";
import type { PlumeryCard } from "../../plumery-caller.ts";
import type { CardDetails } from "./card-details.ts";

/** The caller wipes the PIN. */
export async function revealPinByPlumery(card: PlumeryCard): Promise<Pin> {
  const revealKey = await makeRevealKey(webCryptoPrimitives);
  const { encryptedPayload: payload } = await ask<CardPinReply>(card, "/pin", revealKey);
  return openCardPin(webCryptoPrimitives, { revealKey, payload });
}

export async function revealCardByPlumery(card: PlumeryCard): Promise<CardDetails> {
  const revealKey = await makeRevealKey(webCryptoPrimitives);
  const { expirationDate, encryptedPayload: payload } = await ask<CardReply>(card, "", revealKey);
  return { ...(await openCardData(webCryptoPrimitives, { revealKey, payload })), expirationDate };
}

function ask<Reply>({ partner, cardToken }: PlumeryCard, what: string, { publicKeyBase64 }: RevealKey): Promise<Reply> {
  const path = `/internal/v1/cards/${encodeURIComponent(cardToken)}${what}`;
  return partner.ask<Reply>("GET", path, undefined, { [clientPublicKeyHeader]: publicKeyBase64 });
}
