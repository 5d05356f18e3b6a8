import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makePinGet, makePinSet, openPinGet } from "@linchpin/protocols/spritz/device";
import type { PinGetReply, PinSet } from "@linchpin/protocols/spritz/wire";
import { wordsOf } from "../http-caller.ts";
import { pinPath, type SpritzCard, spritzCardOf } from "../phone/spritz.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, pinOf, shortened, type TourCard } from "./tour-card.ts";

/** PIN blocks of ISO 9564 format 2 as text, under a session key that the device draws for one message. */
export async function tellSpritz(telling: Telling, tourCard: TourCard): Promise<void> {
  const card = spritzCardOf(tourCard.card.spritz);
  const message = await telling.step("Spritz sets the PIN", (say) => setPin(say, card));
  await telling.step("Spritz shows the PIN", (say) => showPin(say, tourCard, card));
  await telling.step("Spritz' message is sent again", (say) => replay(say, card, message));
}

const typed = "5917";

async function setPin(say: Say, card: SpritzCard): Promise<PinSet> {
  const pin = pinOf(typed);
  say("device", `the person typed ${pin}`);
  const { issuerKey } = card;
  const message = await makePinSet(webCryptoPrimitives, { pin, issuerKey }).finally(() => pin.wipe());
  say("device", "wrote it into a block of ISO 9564 format 2, as text, and sealed that under AES-128-GCM");
  say("device", "wrapped the session key to the key that came with the app: RSA-OAEP");
  say("partner", `PUT /v1/cards/{cardId}/pin, encryptedKey ${shortened(message.encryptedKey)}`);
  await card.partner.ask("PUT", pinPath(card), message);
  say("partner", "→ success");
  return message;
}

async function showPin(say: Say, tourCard: TourCard, card: SpritzCard): Promise<void> {
  const { encryptedKey, sessionKey } = await makePinGet(webCryptoPrimitives, card.issuerKey);
  say("device", "drew another session key, and kept it");
  say("partner", `POST /v1/cards/{cardId}/pin, encryptedKey ${shortened(encryptedKey)}`);
  const { encryptedPin } = await card.partner.ask<PinGetReply>("POST", pinPath(card), { encryptedKey });
  say("partner", `→ data ${shortened(encryptedPin.data)}`);
  const opening = openPinGet(webCryptoPrimitives, { encryptedPin, sessionKey });
  const pin = await opening.finally(() => sessionKey.fill(0));
  say("device", `opened the block and showed ${pin} for a moment`);
  await expectMatch(say, tourCard, pin, "what was shown");
}

async function replay(say: Say, card: SpritzCard, message: PinSet): Promise<void> {
  const answer = await card.partner.send("PUT", pinPath(card), message);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `PUT /v1/cards/{cardId}/pin, byte for byte as before → ${answer.status} ${code}`);
  expect(answer.status === 400, `400 was due, ${answer.status} came`);
  say("issuer", sentence);
}
