import { concatBytes, errorClassOf, LinchpinError, Pin, type Primitives, secretBytes, utf8 } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { checkCardState } from "../cards/check-card-state.ts";
import { findCard } from "../cards/find-card.ts";
import { settingsOf } from "../cards/program-settings.ts";
import type { Caller, Context } from "../context/context.ts";
import { messageEntry } from "../outbox/message.ts";
import { verifiedNumberOf } from "../persons/find-person.ts";
import { changePin } from "./change-pin.ts";
import { checkPolicy } from "./check-policy.ts";
import { auditingRefusal } from "./pin-operation.ts";

const maxDraws = 1000;

/**
 * Gives the card a random PIN of the shortest length that its program allows. It goes to the cardholder by letter,
 * which is written with the change or not at all, and to nobody else.
 * @throws LinchpinError `card_unknown`, `card_blocked`, `card_terminated`, `mobile_number_missing`;
 *   `conflict`: hardly any PIN passes the program's policy; `unavailable`
 */
export async function generatePin(context: Context, caller: Caller, cardId: string): Promise<Card> {
  const card = await findCard(context, cardId);
  const facts = { operation: "issuer.pin.generate", caller };
  return auditingRefusal(context, { cardId }, facts, async () => {
    checkCardState(card);
    const to = verifiedNumberOf(card.person);
    const pin = await drawPin(context, card);
    try {
      const letter = await messageEntry(context, { to, channel: "letter", text: letterText(pin) });
      await changePin(context, { card, pin, mark: null, outbox: [letter], facts });
    } finally {
      pin.wipe();
    }
    return findCard(context, cardId);
  });
}

function letterText(pin: Pin): Uint8Array {
  return concatBytes(utf8("The PIN of your card is "), pin.asciiDigits(), utf8("."));
}

/** Each PIN that passes is as likely. */
async function drawPin(context: Context, card: Card): Promise<Pin> {
  const { minLength } = settingsOf(card.program).policy;
  for (let draw = 0; draw < maxDraws; draw++) {
    const digits = randomDigits(context.primitives, minLength);
    const pin = new Pin(digits);
    digits.fill(0);
    if (await passes(context, pin, card)) return pin;
    pin.wipe();
  }
  throw new LinchpinError("conflict", { reason: "hardly any PIN passes the program's policy" });
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

/** Bytes of 250 and more are thrown away: they would make 0 to 5 more likely. */
function randomDigits({ randomBytes }: Primitives, count: number): Uint8Array {
  const digits = secretBytes(count);
  for (let filled = 0; filled < count; ) {
    const bytes = randomBytes(1);
    const [byte = 255] = bytes;
    if (byte < 250) digits[filled++] = 0x30 + (byte % 10);
    bytes.fill(0);
  }
  return digits;
}
