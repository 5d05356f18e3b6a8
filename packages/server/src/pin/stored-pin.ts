import { Pin, utf8 } from "@linchpin/core";
import type { Card, Sealed } from "@linchpin/store";
import type { Context } from "../context/index.ts";

/** Seals a PIN for one card and one version: under any other it does not open. */
export function sealStoredPin(context: Context, pin: Pin, cardId: string, version: number): Promise<Sealed> {
  return context.keyring.seal("card-pin", pin.asciiDigits(), cardPinAssociatedData(cardId, version));
}

/** Opens a card's PIN for as long as `use` runs, then wipes it. */
export async function withStoredPin<Result>(
  context: Context,
  card: Pick<Card, "id">,
  stored: { version: number; sealed: Sealed },
  use: (pin: Pin) => Result | Promise<Result>,
): Promise<Result> {
  const pin = await openPin(context, stored.sealed, cardPinAssociatedData(card.id, stored.version));
  try {
    return await use(pin);
  } finally {
    pin.wipe();
  }
}

/** A PIN that waits in a change request. */
export function sealRequestedPin(context: Context, pin: Pin, changeRequestId: string): Promise<Sealed> {
  return context.keyring.seal("card-pin", pin.asciiDigits(), requestedPinAssociatedData(changeRequestId));
}

/** The caller wipes it. */
export async function openRequestedPin(context: Context, changeRequestId: string, sealed: Sealed): Promise<Pin> {
  return openPin(context, sealed, requestedPinAssociatedData(changeRequestId));
}

async function openPin(context: Context, sealed: Sealed, associatedData: Uint8Array): Promise<Pin> {
  const digits = await context.keyring.open("card-pin", sealed, associatedData);
  const pin = new Pin(digits);
  digits.fill(0);
  return pin;
}

export const cardPinAssociatedData = (cardId: string, version: number) =>
  utf8(`linchpin:card-pin:${cardId}:${version}`);
export const requestedPinAssociatedData = (changeRequestId: string) =>
  utf8(`linchpin:change-request-pin:${changeRequestId}`);
