import { Pin, utf8 } from "@linchpin/core";
import type { Card, Sealed } from "@linchpin/store";
import type { House } from "../context/context.ts";

/** Seals a PIN for one card and one version: under any other it does not open. */
export function sealStoredPin(house: House, pin: Pin, cardId: string, version: number): Promise<Sealed> {
  return house.keyring.seal("card-pin", pin.asciiDigits(), cardPinContext(cardId, version));
}

/** Opens a card's PIN for as long as `use` runs, then wipes it. */
export async function withStoredPin<Result>(
  house: House,
  card: Pick<Card, "id">,
  stored: { version: number; sealed: Sealed },
  use: (pin: Pin) => Result | Promise<Result>,
): Promise<Result> {
  return withOpened(house, stored.sealed, cardPinContext(card.id, stored.version), use);
}

/** A PIN that waits in a change request. */
export function sealRequestedPin(house: House, pin: Pin, changeRequestId: string): Promise<Sealed> {
  return house.keyring.seal("card-pin", pin.asciiDigits(), requestedPinContext(changeRequestId));
}

export async function withRequestedPin<Result>(
  house: House,
  changeRequestId: string,
  sealed: Sealed,
  use: (pin: Pin) => Result | Promise<Result>,
): Promise<Result> {
  return withOpened(house, sealed, requestedPinContext(changeRequestId), use);
}

async function withOpened<Result>(
  house: House,
  sealed: Sealed,
  context: Uint8Array,
  use: (pin: Pin) => Result | Promise<Result>,
): Promise<Result> {
  const digits = await house.keyring.open("card-pin", sealed, context);
  const pin = new Pin(digits);
  digits.fill(0);
  try {
    return await use(pin);
  } finally {
    pin.wipe();
  }
}

export const cardPinContext = (cardId: string, version: number) => utf8(`linchpin:card-pin:${cardId}:${version}`);
export const requestedPinContext = (changeRequestId: string) => utf8(`linchpin:change-request-pin:${changeRequestId}`);
