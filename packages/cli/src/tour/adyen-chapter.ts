import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  type IssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import type {
  KeyUse,
  PinChangeReply,
  PinChangeRequest,
  PinRevealReply,
  PublicKeyReply,
} from "@linchpin/protocols/adyen/wire";
import { wordsOf } from "../http-caller.ts";
import { type AdyenCard, adyenCardOf } from "../phone/adyen.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, givePin, pinOf, shortened, type TourCard, verifyNatively } from "./tour-card.ts";

/** PIN blocks of ISO 9564 format 4 under a session key that the device makes for one message. */
export async function tellAdyen(telling: Telling, tourCard: TourCard): Promise<void> {
  const card = adyenCardOf(tourCard.card.adyen);
  await givePin(telling, tourCard);
  await telling.step("Adyen reveals the PIN", (say) => revealPin(say, tourCard, card));
  const change = await telling.step("Adyen changes the PIN", (say) => changePin(say, card));
  await telling.step("The PIN that Adyen set is verified", (say) => verify(say, tourCard));
  await telling.step("Adyen's block is sent again", (say) => replay(say, card, change));
}

const pins = { typed: "8264", wrong: "4626" } as const;

async function revealPin(say: Say, tourCard: TourCard, card: AdyenCard): Promise<void> {
  const { partner, paymentInstrumentId } = card;
  const issuerKey = await getKey(say, card, "pinReveal");
  const { request, sessionKey } = await makeRevealRequest(webCryptoPrimitives, { issuerKey, paymentInstrumentId });
  say("device", "made a session key for AES-256, and wrapped it by RSAES-PKCS1-v1_5");
  say("partner", `POST /pins/reveal, encryptedKey ${shortened(request.encryptedKey)}`);
  const reply = await partner.ask<PinRevealReply>("POST", "/pins/reveal", request);
  say("partner", `→ encryptedPinBlock ${shortened(reply.encryptedPinBlock)}, token ${reply.token}: no card number`);
  const pin = await openRevealedPin(webCryptoPrimitives, { reply, sessionKey }).finally(() => sessionKey.fill(0));
  say("device", `opened the block and showed ${pin} for a moment`);
  await expectMatch(say, tourCard, pin, "what was revealed");
}

async function changePin(say: Say, card: AdyenCard): Promise<PinChangeRequest> {
  const { partner, paymentInstrumentId } = card;
  const issuerKey = await getKey(say, card, "pinChange");
  const pin = pinOf(pins.typed);
  say("device", `the person typed ${pin}`);
  const change = { pin, issuerKey, paymentInstrumentId };
  const request = await makePinChangeRequest(webCryptoPrimitives, change).finally(() => pin.wipe());
  say("device", "put it into a block of ISO 9564 format 4, under a session key, with a token for the card number");
  say("partner", `POST /pins/change, encryptedPinBlock ${shortened(request.encryptedPinBlock)}`);
  const { status } = await partner.ask<PinChangeReply>("POST", "/pins/change", request);
  say("vault", "unwrapped the session key; later sealed the PIN again, under a storage key of its own");
  say("partner", `→ ${status}`);
  expect(status === "completed", `completed was due, ${status} came`);
  return request;
}

async function verify(say: Say, tourCard: TourCard): Promise<void> {
  await expectMatch(say, tourCard, pinOf(pins.typed), "the PIN that Adyen set");
  const { result } = await verifyNatively(tourCard, pinOf(pins.wrong));
  say("operator", `POST …/pin/verify, another PIN, sealed → ${result}`);
  expect(result === "mismatch", `mismatch was due, ${result} came`);
}

async function replay(say: Say, { partner }: AdyenCard, change: PinChangeRequest): Promise<void> {
  const answer = await partner.send("POST", "/pins/change", change);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `POST /pins/change, byte for byte as before → ${answer.status} ${code}`);
  expect(answer.status === 422, `422 was due, ${answer.status} came`);
  say("issuer", sentence);
}

async function getKey(say: Say, { partner }: AdyenCard, use: KeyUse): Promise<IssuerKey> {
  const reply = await partner.ask<PublicKeyReply>("GET", `/publicKey?purpose=${use}`);
  const { publicKey, publicKeyExpiryDate } = reply;
  say("partner", `GET /publicKey?purpose=${use} → ${shortened(publicKey)}, good until ${publicKeyExpiryDate}`);
  return acceptIssuerKey(reply);
}
