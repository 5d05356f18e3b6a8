import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";

/** A blocked PIN is no obstacle here: a change may unblock it. @throws LinchpinError `card_blocked`, `card_terminated` */
export function checkCardState(card: Card): void {
  if (card.state === "blocked") throw new LinchpinError("card_blocked");
  if (card.state === "terminated") throw new LinchpinError("card_terminated");
}
