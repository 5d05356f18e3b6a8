import { concatBytes, errorClassOf, LinchpinError, Pin, randomCharacters, utf8 } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { issuerAudit, operationEvent } from "../audit/index.ts";
import { checkCardState, settingsOf } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { messageEntry } from "../outbox/index.ts";
import { letterRecipientOf } from "../persons/index.ts";
import { changePin } from "./change-pin.ts";
import { checkPolicy } from "./check-policy.ts";
import type { OperationRun, PinOperation } from "./pin-operation.ts";
import { findCardById, type OfCardId } from "./verify-operation.ts";

const maxDraws = 1000;

/** The recipient of the letter. */
interface Recipient {
  readonly to: string;
}

/**
 * `POST /issuer/v1/cards/{id}/pin/generate`: a random PIN of the shortest length that the card's program allows. It goes
 * to the cardholder by letter, which is written in the transaction of the change, and to nobody else.
 *
 * Refuses with `card_unknown`, `card_blocked`, `card_terminated`, `mobile_number_missing` unless an operator set the number;
 * `conflict`: hardly any PIN
 * passes the program's policy; `unavailable`.
 */
export const pinGenerate: PinOperation<OfCardId, Recipient, Pin, { version: number }> = {
  name: "issuer.pin.generate",
  card: findCardById,
  cardState: checkCardState,
  parse: findRecipient,
  sender: null,
  key: null,
  replay: null,
  attempt: null,
  open: drawPin,
  spend: null,
  policy: null,
  commit: changePinAndSendLetter,
  refusal: null,
  event: operationEvent(issuerAudit["issuer.pin.generate"], () => ({})),
};

async function findRecipient(_context: Context, _request: OfCardId, card: Card): Promise<Recipient> {
  return { to: letterRecipientOf(card.person) };
}

/** Each PIN that passes the policy is equally likely. @throws LinchpinError `conflict`: hardly any does */
export async function drawPin(context: Context, _recipient: unknown, card: Card): Promise<Pin> {
  const { minLength } = settingsOf(card.program).policy;
  for (let draw = 0; draw < maxDraws; draw++) {
    const digits = randomCharacters(context.primitives, utf8("0123456789"), minLength);
    const pin = new Pin(digits);
    digits.fill(0);
    if (await passes(context, pin, card)) return pin;
    pin.wipe();
  }
  throw new LinchpinError("conflict", { reason: "hardly any PIN passes the program's policy" });
}

async function changePinAndSendLetter(
  context: Context,
  { card, sealed: { to }, opened: pin, facts }: OperationRun<unknown, Recipient, Pin>,
): Promise<{ version: number }> {
  const letter = await messageEntry(context, { to, channel: "letter", text: letterText(pin) });
  return changePin(context, { card, pin, mark: null, outbox: [letter], facts });
}

function letterText(pin: Pin): Uint8Array {
  return concatBytes(utf8("The PIN of your card is "), pin.asciiDigits(), utf8("."));
}

async function passes(context: Context, pin: Pin, card: Card): Promise<boolean> {
  try {
    await checkPolicy(context, pin, card);
    return true;
  } catch (error) {
    if (error instanceof LinchpinError && errorClassOf(error.code) === "pinPolicy") return false;
    throw error;
  }
}
