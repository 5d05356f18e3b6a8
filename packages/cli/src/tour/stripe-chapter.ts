import type { CardReply } from "@linchpin/protocols/stripe/wire";
import { wordsOf } from "../http-caller.ts";
import { type StripeCard, sealed, stripeCardOf } from "../phone/stripe.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, pinOf, shortened, type TourCard } from "./tour-card.ts";

/** A compact JWE over bare digits, which the partner posts as a form. */
export async function tellStripe(telling: Telling, tourCard: TourCard): Promise<void> {
  const card = stripeCardOf(tourCard.card.stripe);
  const change = await telling.step("Stripe changes the PIN", (say) => changePin(say, card));
  await telling.step("The PIN that Stripe set is verified", (say) =>
    expectMatch(say, tourCard, pinOf(typed), "the PIN that Stripe set"),
  );
  await telling.step("Stripe's JWE is sent again", (say) => replay(say, card, change));
}

const typed = "8264";

const pathOf = ({ cardId }: StripeCard) => `/v1/issuing/cards/${cardId}`;

async function changePin(say: Say, card: StripeCard): Promise<URLSearchParams> {
  const pin = pinOf(typed);
  say("device", `the person typed ${pin}`);
  const encrypted = await sealed(card, pin).finally(() => pin.wipe());
  say("device", "sealed its digits to the key of this moment: RSA-OAEP, A128CBC-HS256");
  const form = new URLSearchParams({ "pin[encrypted_number]": encrypted });
  say("partner", `POST …/issuing/cards/{id}, pin[encrypted_number] ${shortened(encrypted)}`);
  const { status } = await card.partner.ask<CardReply>("POST", pathOf(card), form);
  say("vault", "unwrapped the content key; later sealed the PIN again, under a storage key of its own");
  say("partner", `→ the card, ${status}`);
  return form;
}

async function replay(say: Say, card: StripeCard, form: URLSearchParams): Promise<void> {
  const answer = await card.partner.send("POST", pathOf(card), form);
  const { code, sentence } = wordsOf(answer.body);
  say("partner", `POST …/issuing/cards/{id}, byte for byte as before → ${answer.status} ${code}`);
  expect(answer.status === 400, `400 was due, ${answer.status} came`);
  say("issuer", sentence);
}
