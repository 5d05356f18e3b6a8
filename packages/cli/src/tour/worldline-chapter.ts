import type { PinSetRequest } from "@linchpin/protocols/worldline/wire";
import { wordsOf } from "../http-caller.ts";
import { revealPin, sealed, sendPin, type WorldlineCard, worldlineCardOf } from "../phone/worldline.ts";
import { expect, type Say, type Telling } from "./telling.ts";
import { expectMatch, pinOf, shortened, type TourCard } from "./tour-card.ts";

/** PIN blocks of ISO 9564 format 4, bound to the card's PAN, under a session key that the bank's half makes. */
export async function tellWorldline(telling: Telling, tourCard: TourCard): Promise<void> {
  const card = await worldlineCardOf(tourCard.card.worldline);
  const change = await telling.step("Worldline sets the PIN", (say) => setPin(say, card));
  await telling.step("The PIN that Worldline set is verified", (say) =>
    expectMatch(say, tourCard, pinOf(typed), "the PIN that Worldline set"),
  );
  await telling.step("Worldline displays the PIN", (say) => displayPin(say, tourCard, card));
  await telling.step("Worldline's block is sent again", (say) => replay(say, card, change));
}

const typed = "8264";

async function setPin(say: Say, card: WorldlineCard): Promise<PinSetRequest> {
  const pin = pinOf(typed);
  say("device", `the person typed ${pin}`);
  const request = await sealed(card, pin).finally(() => pin.wipe());
  const { pinBlock } = request.pinAttribute;
  say("device", "put it into a block of ISO 9564 format 4 with the card's number, under a session key for key set 01");
  say("partner", `POST …/{cardReference}/pin, pinBlock ${shortened(pinBlock)}`);
  const { responseMetadata } = await sendPin(card, request);
  say("vault", "unwrapped the session key; later sealed the PIN again, under a storage key of its own");
  say("partner", `→ ${responseMetadata.statusMessage}`);
  return request;
}

async function displayPin(say: Say, tourCard: TourCard, card: WorldlineCard): Promise<void> {
  say("partner", "POST …/{cardReference}/display-pin, a session key of this message, wrapped");
  const pin = await revealPin(card);
  say("device", `opened the block and showed ${pin} for a moment`);
  await expectMatch(say, tourCard, pin, "what was displayed");
}

async function replay(say: Say, { partner, cardReference }: WorldlineCard, change: PinSetRequest): Promise<void> {
  const answer = await partner.send("POST", `/${cardReference}/pin`, change);
  say("partner", `POST …/{cardReference}/pin, byte for byte as before → ${answer.status}`);
  expect(answer.status === 400, `400 was due, ${answer.status} came`);
  say("issuer", wordsOf(answer.body).sentence);
}
