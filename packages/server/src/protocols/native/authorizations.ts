import { LinchpinError } from "@linchpin/core";
import type { Card, SessionHolder } from "@linchpin/store";
import { listLiveCards, settingsOf } from "../../cards/index.ts";
import type { Context } from "../../context/index.ts";

/** How many live keys a person may have. */
export const maxBoundKeys = 5;

/**
 * Whether a device is bound to the person only with the present PIN of the card that it is bound by: where one of their
 * cards has a PIN, and is of a program that asks for it. The key serves all their cards, and the relay names the one.
 */
export async function asksPresentPin(context: Pick<Context, "store">, personId: string): Promise<boolean> {
  const cards = await listLiveCards(context, personId);
  return cards.some(({ pin, program }) => pin.status !== "not_set" && settingsOf(program).presentPinToBind);
}

/**
 * A change by code is the weaker way: the program must allow it, a person who has a device uses that, and a PIN that a
 * code alone has set is none to bind a device by.
 * @throws LinchpinError `caller_not_allowed`
 */
export async function checkChangeByCode(
  context: Pick<Context, "store">,
  { program, person }: Card,
  { boundKeys }: Pick<SessionHolder, "boundKeys">,
): Promise<void> {
  const isAllowed = settingsOf(program).changeByCode && boundKeys === 0;
  if (isAllowed && !(await asksPresentPin(context, person.id))) return;
  throw new LinchpinError("caller_not_allowed", { reason: "a device authorizes changes of this card's PIN" });
}
