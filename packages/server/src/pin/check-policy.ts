import { checkPinPolicy, LinchpinError, type Pin } from "@linchpin/core";
import type { Card, CardForChange, VersionedPin } from "@linchpin/store";
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
 * The rules of the card's program, those about former PINs included. Whoever is told the outcome has had an attempt
 * counted before, by `requireChangeAttempt` or with a confirmation. Every former PIN is compared, whichever is the same.
 * @throws LinchpinError `pin_length`, `pin_denied`, `pin_sequence`, `pin_repeats`, `pin_reused`
 */
export async function checkPolicy(context: Context, pin: Pin, card: Card): Promise<void> {
  if ((await samePins(context, pin, card)).length > 0) throw new LinchpinError("pin_reused", { field: "pin" });
}

/** The same, but for the card's present PIN, which may be set anew. @throws LinchpinError as `checkPolicy` */
export async function checkPolicyButPresentPin(context: Context, pin: Pin, card: Card): Promise<void> {
  const same = await samePins(context, pin, card);
  if (same.length > 0 && !same.includes(card.pin.version)) throw new LinchpinError("pin_reused", { field: "pin" });
}

/** The versions of the PIN history that are this PIN, once the rules of digits let it pass. */
async function samePins(context: Context, pin: Pin, card: Card): Promise<readonly number[]> {
  const { policy } = settingsOf(card.program);
  checkPinPolicy(pin, policy);
  const same: number[] = [];
  for (const earlier of await listPinHistory(context, card, policy.pinHistory))
    if (await withStoredPin(context, card, earlier, (earlierPin) => earlierPin.equals(pin))) same.push(earlier.version);
  return same;
}

/**
 * An attempt was counted with the card, or the card has no PIN history: what follows may say whether a PIN is a former
 * one. @throws LinchpinError `rate_limited`
 */
export async function requireChangeAttempt(
  _context: Context,
  _sealed: unknown,
  { changeAttempt }: Pick<CardForChange, "changeAttempt">,
): Promise<void> {
  if (changeAttempt === "exhausted") throw tooManyChanges();
}

export function tooManyChanges(): LinchpinError {
  return new LinchpinError("rate_limited", {
    reason: "as many changes as the program allows were tried on this card today",
  });
}

/** The current PIN counts as the first of `count`. */
async function listPinHistory(context: Context, card: Card, count: number): Promise<readonly VersionedPin[]> {
  const { sealed, version } = card.pin;
  if (count === 0 || sealed === null) return [];
  return [{ sealed, version }, ...(count > 1 ? await context.store.listPinHistory(card.id, count - 1) : [])];
}
