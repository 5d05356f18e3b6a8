import { LinchpinError, type Pin } from "@linchpin/core";
import type { AuditAndOutbox, Card, ReplayMark, Verification } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../audit/index.ts";
import { checkCardState, findCard, settingsOf } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { cardEvents } from "../outbox/index.ts";
import { retryOnConflict } from "../steps/index.ts";
import { withStoredPin } from "./stored-pin.ts";

export interface VerificationAnswer {
  readonly result: "match" | "mismatch" | "blocked";
  readonly remainingAttempts: number;
}

/**
 * Compares `pin` with the card's PIN. The comparison decides nothing by itself: one statement of the store counts the
 * attempt and returns its outcome, so that concurrent requests get no additional attempt.
 * @throws LinchpinError `pin_not_set`, `replayed`, `card_blocked`, `card_terminated`, `unavailable`
 */
export async function verifyPin(
  context: Context,
  attempt: { card: Card; pin: Pin; mark: ReplayMark; facts: AuditFacts<"pinVersion" | "result"> },
): Promise<VerificationAnswer> {
  return retryOnConflict(
    attempt.card,
    async (card) => {
      const recorded = await context.store.recordVerification(await verification(context, card, attempt));
      if ("remainingAttempts" in recorded) return recorded;
      if (recorded.result === "replayed") throw new LinchpinError("replayed");
      return recorded.result;
    },
    async ({ id }) => {
      const card = await findCard(context, id);
      checkCardState(card);
      return card;
    },
  );
}

async function verification(
  context: Context,
  card: Card,
  { pin, mark, facts }: { pin: Pin; mark: ReplayMark; facts: AuditFacts<"pinVersion" | "result"> },
): Promise<Verification> {
  const { sealed, version } = card.pin;
  if (sealed === null) throw new LinchpinError("pin_not_set");
  const matched = await withStoredPin(context, card, { sealed, version }, (stored) => stored.equals(pin));
  const outcome = (result: string, event?: "pin.blocked"): AuditAndOutbox => ({
    audit: auditDone(context, { cardId: card.id }, facts.with({ result, pinVersion: version })),
    outbox: event === undefined ? [] : cardEvents(context, card, event, { pinVersion: version }),
  });
  return {
    cardId: card.id,
    version,
    matched,
    tryLimit: settingsOf(card.program).tryLimit,
    mark,
    auditAndOutbox: {
      match: outcome("match"),
      mismatch: outcome("mismatch"),
      blocking: outcome("mismatch", "pin.blocked"),
      blocked: outcome("blocked"),
    },
  };
}
