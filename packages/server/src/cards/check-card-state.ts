import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";

/** A blocked PIN is no obstacle here: a change may unblock it. @throws LinchpinError `card_blocked`, `card_terminated` */
export function checkCardState(card: Card): void {
  if (card.state === "blocked") throw new LinchpinError("card_blocked");
  if (card.state === "terminated") throw new LinchpinError("card_terminated");
}

/**
 * For a verification, before anything is opened: what came in is spent by the statement that counts the try, and by
 * nothing before it. @throws LinchpinError as `checkCardState`, and `pin_not_set`
 */
export function checkPinIsSet(card: Card): void {
  checkCardState(card);
  if (card.pin.status === "not_set") throw new LinchpinError("pin_not_set");
}

/** For a reveal. @throws LinchpinError as `checkCardState`, and `pin_not_set`, `pin_blocked` */
export function checkPinState(card: Card): void {
  checkCardState(card);
  if (card.pin.status === "not_set") throw new LinchpinError("pin_not_set");
  if (card.pin.status === "blocked") throw new LinchpinError("pin_blocked");
}
