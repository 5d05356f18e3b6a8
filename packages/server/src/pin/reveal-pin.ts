import { LinchpinError, type Pin } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { cardEvents } from "../outbox/index.ts";
import { withStoredPin } from "./stored-pin.ts";

/**
 * Opens the card's PIN for as long as `seal` runs. What it makes goes back once the reveal is written down. What came in
 * was spent before.
 * @throws LinchpinError `pin_not_set`, what `seal` throws
 */
export async function revealPin<Answer>(
  context: Context,
  { card, facts }: { card: Card; facts: AuditFacts<"pinVersion"> },
  seal: (pin: Pin) => Promise<Answer>,
): Promise<Answer> {
  const { sealed, version } = card.pin;
  if (sealed === null) throw new LinchpinError("pin_not_set");
  const answer = await withStoredPin(context, card, { sealed, version }, seal);
  const audit = auditDone(context, { cardId: card.id }, facts.with({ pinVersion: version }));
  await context.store.appendAuditEvent(audit, cardEvents(context, card, "pin.revealed", { pinVersion: version }));
  return answer;
}
