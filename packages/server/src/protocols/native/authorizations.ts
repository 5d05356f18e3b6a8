import { LinchpinError } from "@linchpin/core";
import type { Card, SessionHolder } from "@linchpin/store";
import { settingsOf } from "../../cards/index.ts";

/** How many live keys a person may have. */
export const maxBoundKeys = 5;

/** Whether a device is bound by this card only with its present PIN. A card without a PIN has none to ask for. */
export function asksPresentPin({ program, pin }: Pick<Card, "program" | "pin">): boolean {
  return settingsOf(program).presentPinToBind && pin.status !== "not_set";
}

/**
 * A change by code is the weaker way: the program must allow it, and a person who has a device uses that.
 * @throws LinchpinError `caller_not_allowed`
 */
export function checkChangeByCode({ program }: Card, { boundKeys }: Pick<SessionHolder, "boundKeys">): void {
  if (settingsOf(program).changeByCode && boundKeys === 0) return;
  throw new LinchpinError("caller_not_allowed", { reason: "a device authorizes changes of this card's PIN" });
}
