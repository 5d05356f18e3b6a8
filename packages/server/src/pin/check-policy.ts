import { checkPinPolicy, LinchpinError, type Pin } from "@linchpin/core";
import type { Card, VersionedPin } from "@linchpin/store";
import { settingsOf } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { withStoredPin } from "./stored-pin.ts";

/**
 * Checks the rules that need none of the card's PINs. Before the sender is proved, an answer about the PIN history would
 * reveal the card's PIN to anyone who asks often enough.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`
 */
export async function checkRulesOfDigits(_context: Context, pin: Pin, card: Card): Promise<void> {
  checkPinPolicy(pin, settingsOf(card.program).policy);
}

/**
 * Checks all rules of the card's program, the PIN history included.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`, `pin_reused`
 */
export async function checkPolicy(context: Context, pin: Pin, card: Card): Promise<void> {
  const { policy, pinHistory } = settingsOf(card.program);
  checkPinPolicy(pin, policy);
  for (const earlier of await listPinHistory(context, card, pinHistory)) {
    const isReused = await withStoredPin(context, card, earlier, (earlierPin) => earlierPin.equals(pin));
    if (isReused) throw new LinchpinError("pin_reused", { field: "pin" });
  }
}

/** The current PIN counts as the first of `count`. */
async function listPinHistory(context: Context, card: Card, count: number): Promise<readonly VersionedPin[]> {
  const { sealed, version } = card.pin;
  if (count === 0 || sealed === null) return [];
  return [{ sealed, version }, ...(count > 1 ? await context.store.listPinHistory(card.id, count - 1) : [])];
}
