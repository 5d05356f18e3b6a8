import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeRevealKey, openCardData, openCardPin } from "@linchpin/protocols/plumery/device";
import { type CardPinReply, type CardReply, clientPublicKeyHeader } from "@linchpin/protocols/plumery/wire";
import { wordsOf } from "../http-caller.ts";
import { type PlumeryCard, plumeryCardOf } from "../phone/plumery.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, givePin, shortened, type TourCard } from "./tour-card.ts";

/** A reveal to a key that the device makes for it and drops with it. */
export async function tellPlumery(telling: Telling, tourCard: TourCard): Promise<void> {
  const card = plumeryCardOf(tourCard.card.plumery);
  await givePin(telling, tourCard);
  await telling.step("Plumery reveals the PIN", (say) => revealPin(say, tourCard, card));
  await telling.step("Plumery reveals what stands on the card", (say) => revealCard(say, card));
  await telling.step("Plumery refuses to reveal to what is no key", (say) => refuse(say, card));
}

async function revealPin(say: Say, tourCard: TourCard, { partner, cardToken }: PlumeryCard): Promise<void> {
  const revealKey = await makeKey(say);
  const { encryptedPayload: payload } = await partner.ask<CardPinReply>("GET", pathOf(cardToken, "/pin"), undefined, {
    [clientPublicKeyHeader]: revealKey.publicKeyBase64,
  });
  say("issuer", "made a key of its own for this answer: ECDH, HKDF-SHA-256, AES-256-GCM");
  say("partner", `GET …/cards/{token}/pin → ciphertext ${shortened(payload.ciphertext)}`);
  const pin = await openCardPin(webCryptoPrimitives, { revealKey, payload });
  say("device", `opened it and showed ${pin} for a moment`);
  await expectMatch(say, tourCard, pin, "what was revealed");
}

async function revealCard(say: Say, { partner, cardToken }: PlumeryCard): Promise<void> {
  const revealKey = await makeKey(say);
  const { encryptedPayload: payload } = await partner.ask<CardReply>("GET", pathOf(cardToken), undefined, {
    [clientPublicKeyHeader]: revealKey.publicKeyBase64,
  });
  say("partner", `GET …/cards/{token} → ciphertext ${shortened(payload.ciphertext)}`);
  const { pan } = await openCardData(webCryptoPrimitives, { revealKey, payload });
  say("device", `opened it: a card that ends in ${pan.slice(-4)}, and its CVV2 ***`);
}

async function refuse(say: Say, { partner, cardToken }: PlumeryCard): Promise<void> {
  const headers = { [clientPublicKeyHeader]: btoa("no point of any curve") };
  const answer = await partner.send("GET", pathOf(cardToken, "/pin"), undefined, headers);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `GET …/cards/{token}/pin with ${clientPublicKeyHeader}: ${shortened(headers[clientPublicKeyHeader])}`);
  say("partner", `→ ${answer.status} ${code}`);
  expect(answer.status === 400, `400 was due, ${answer.status} came`);
  say("issuer", sentence);
}

async function makeKey(say: Say) {
  const revealKey = await makeRevealKey(webCryptoPrimitives);
  say("device", `made a key on P-256 for this reveal: ${shortened(revealKey.publicKeyBase64)}`);
  return revealKey;
}

function pathOf(cardToken: string, what = ""): string {
  return `/internal/v1/cards/${cardToken}${what}`;
}
