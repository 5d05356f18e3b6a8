import type { Pin } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPan,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import type { KeyUse, PanRevealReply, PinChangeReply, PinRevealReply } from "@linchpin/protocols/adyen/wire";
import type { AdyenCard } from "../../adyen-caller.ts";
import type { CardDetails } from "./card-details.ts";

/** The caller wipes the PIN. */
export async function changePinByAdyen(
  { partner, paymentInstrumentId }: AdyenCard,
  pin: Pin,
): Promise<PinChangeReply["status"]> {
  const issuerKey = await keyFor(partner, "pinChange");
  const request = await makePinChangeRequest(webCryptoPrimitives, { pin, issuerKey, paymentInstrumentId });
  return (await partner.ask<PinChangeReply>("POST", "/pins/change", request)).status;
}

/** The caller wipes the PIN. */
export async function revealPinByAdyen({ partner, paymentInstrumentId }: AdyenCard): Promise<Pin> {
  const issuerKey = await keyFor(partner, "pinReveal");
  const { request, sessionKey } = await makeRevealRequest(webCryptoPrimitives, { issuerKey, paymentInstrumentId });
  try {
    const reply = await partner.ask<PinRevealReply>("POST", "/pins/reveal", request);
    return await openRevealedPin(webCryptoPrimitives, { reply, sessionKey });
  } finally {
    sessionKey.fill(0);
  }
}

export async function revealCardByAdyen({ partner, paymentInstrumentId }: AdyenCard): Promise<CardDetails> {
  const issuerKey = await keyFor(partner, "panReveal");
  const { request, sessionKey } = await makeRevealRequest(webCryptoPrimitives, { issuerKey, paymentInstrumentId });
  try {
    const reply = await partner.ask<PanRevealReply>("POST", "/paymentInstruments/reveal", request);
    const { pan, cvc, expiration } = await openRevealedPan(webCryptoPrimitives, { reply, sessionKey });
    return { pan, cvv2: cvc, expirationDate: `${expiration.month}/${expiration.year.slice(-2)}` };
  } finally {
    sessionKey.fill(0);
  }
}

async function keyFor(partner: AdyenCard["partner"], use: KeyUse): Promise<IssuerKey> {
  return acceptIssuerKey(await partner.ask("GET", `/publicKey?purpose=${use}`));
}
