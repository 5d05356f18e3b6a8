import { wordsOf } from "../http-caller.ts";
import { cardPath, type LithicCard, lithicCardOf, sealed, sendPin } from "../phone/lithic.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, pinOf, shortened, type TourCard } from "./tour-card.ts";

/** A nonce and the digits under RSA-OAEP alone: no session key, and no tag. */
export async function tellLithic(telling: Telling, tourCard: TourCard): Promise<void> {
  const card = lithicCardOf(tourCard.card.lithic);
  const change = await telling.step("Lithic changes the PIN", (say) => changePin(say, card));
  await telling.step("The PIN that Lithic set is verified", (say) =>
    expectMatch(say, tourCard, pinOf(typed), "the PIN that Lithic set"),
  );
  await telling.step("Lithic's message is sent again", (say) => replay(say, card, change));
}

const typed = "8264";

async function changePin(say: Say, card: LithicCard): Promise<string> {
  const pin = pinOf(typed);
  say("device", `the person typed ${pin}`);
  const message = await sealed(card, pin).finally(() => pin.wipe());
  say("device", "sealed a nonce and the digits to the key in the PEM file: RSA-OAEP over 4096 bits");
  say("partner", `PATCH …/cards/{card_token}, pin ${shortened(message)}`);
  const { pin_status: pinStatus } = await sendPin(card, message);
  say("vault", "opened the message; later sealed the PIN again, under a storage key of its own");
  say("partner", `→ the card, pin_status ${pinStatus}`);
  return message;
}

async function replay(say: Say, { partner, cardToken }: LithicCard, pin: string): Promise<void> {
  const answer = await partner.send("PATCH", cardPath(cardToken), { pin });
  say("partner", `PATCH …/cards/{card_token}, byte for byte as before → ${answer.status}`);
  expect(answer.status === 400, `400 was due, ${answer.status} came`);
  say("issuer", wordsOf(answer.body).sentence);
}
