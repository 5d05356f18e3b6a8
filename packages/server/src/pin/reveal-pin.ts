import { LinchpinError, type Pin } from "@linchpin/core";
import type { Card, ReplayMark } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../audit/index.ts";
import type { Context } from "../context/index.ts";
import { recordReveal } from "../steps/index.ts";
import { withStoredPin } from "./stored-pin.ts";

/**
 * Opens the card's PIN while `seal` runs, and returns its result once the reveal is recorded. `mark` is null where the
 * request has nothing that could be replayed.
 * @throws LinchpinError `pin_not_set`, `replayed`, what `seal` throws
 */
export async function revealPin<Answer>(
  context: Context,
  { card, mark, facts }: { card: Card; mark: ReplayMark | null; facts: AuditFacts<"pinVersion"> },
  seal: (pin: Pin) => Promise<Answer>,
): Promise<Answer> {
  const { sealed, version } = card.pin;
  if (sealed === null) throw new LinchpinError("pin_not_set");
  const answer = await withStoredPin(context, card, { sealed, version }, seal);
  await recordReveal(context, mark, auditDone(context, { cardId: card.id }, facts.with({ pinVersion: version })));
  return answer;
}
