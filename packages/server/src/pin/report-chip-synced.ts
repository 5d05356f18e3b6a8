import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { auditDone, auditFacts, auditingRefusal, issuerAudit } from "../audit/index.ts";
import { findCard } from "../cards/index.ts";
import type { Caller, Context } from "../context/index.ts";

/**
 * Records which PIN version the card's chip holds, as the operator's systems report it. A later version of the PIN stays
 * pending for the chip.
 * @param reported null: the current version
 * @throws LinchpinError `card_unknown`, `card_terminated`, `pin_not_set`; `request_invalid`: no such version yet
 */
export async function reportChipSynced(
  context: Context,
  caller: Caller,
  { cardId, version: reported }: { cardId: string; version: number | null },
): Promise<Card> {
  const card = await findCard(context, cardId);
  const pinVersion = reported ?? card.pin.version;
  const facts = auditFacts(issuerAudit["issuer.pin.chip_synced"], caller, { pinVersion });
  return auditingRefusal(context, { cardId }, facts, async () => {
    if (card.state === "terminated") throw new LinchpinError("card_terminated");
    if (card.pin.status === "not_set") throw new LinchpinError("pin_not_set");
    const audit = auditDone(context, { cardId }, facts);
    const result = await context.store.setChipSynced(cardId, pinVersion, { audit, outbox: [] });
    if (result === "version_unknown")
      throw new LinchpinError("request_invalid", {
        field: "version",
        reason: "the card has no PIN of this version yet",
      });
    return findCard(context, cardId);
  });
}
