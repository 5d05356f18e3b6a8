import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { makeSealedPinRequest } from "@linchpin/protocols/sealed-pin/device";
import { acceptIssuerKey } from "@linchpin/protocols/solaris/device";
import type { HttpCaller } from "../http-caller.ts";
import { authenticate } from "../phone/solaris-partner.ts";
import type { SandboxDescription } from "../sandbox.ts";
import { expect, type Say, type Telling } from "./telling.ts";

/** The card that the tour takes through every protocol, its issuer, and the operator's access to it. */
export interface TourCard {
  readonly url: string;
  readonly card: SandboxDescription;
  readonly operator: HttpCaller;
}

interface CardReply {
  readonly pin: { readonly status: string; readonly version: number };
}

export async function pinStateOf({ operator, card }: TourCard): Promise<CardReply["pin"]> {
  return (await operator.ask<CardReply>("GET", `/cards/${card.issuer.cardId}`)).pin;
}

/** A chapter that runs alone finds a card without a PIN. */
export async function givePin(telling: Telling, tourCard: TourCard): Promise<void> {
  if ((await pinStateOf(tourCard)).status !== "not_set") return;
  await telling.step("The issuer gives the card a PIN", async (say) => {
    const { operator, card } = tourCard;
    await operator.ask("POST", `/cards/${card.issuer.cardId}/pin/generate`);
    say("operator", `POST …/pin/generate, which answers no PIN`);
    say("vault", "sealed a random one under a storage key");
    say("person", `letter: Pin(****)`);
  });
}

/** As a payment terminal would ask. The caller wipes the PIN. */
export async function verifyNatively(
  { operator, card }: TourCard,
  pin: Pin,
): Promise<{ result: string; remainingAttempts: number }> {
  const partner = await authenticate(card.solaris);
  const issuerKey = acceptIssuerKey(await partner.ask("GET", "/v1/cards/pin_keys/latest"));
  const request = await makeSealedPinRequest(webCryptoPrimitives, { pin, issuerKey });
  return operator.ask("POST", `/cards/${card.issuer.cardId}/pin/verify`, request);
}

/** @throws Failure unless it is the card's */
export async function expectMatch(say: Say, tourCard: TourCard, pin: Pin, which: string): Promise<void> {
  const { result } = await verifyNatively(tourCard, pin).finally(() => pin.wipe());
  say("operator", `POST …/pin/verify, ${which}, sealed → ${result}`);
  expect(result === "match", `match was due, ${result} came`);
}

/** What the person of the story types. */
export function pinOf(digits: string): Pin {
  return new Pin(utf8(digits));
}

export function shortened(text: string): string {
  return `${text.slice(0, 24)}… (${text.length} characters)`;
}
