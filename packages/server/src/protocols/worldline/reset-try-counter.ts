import { LinchpinError } from "@linchpin/core";
import type { Card } from "@linchpin/store";
import { type AuditFacts, auditDone, auditFacts, auditingRefusal } from "../../audit/index.ts";
import { findCard, findNamedCard } from "../../cards/index.ts";
import type { Context, PartnerCaller } from "../../context/index.ts";
import { cardEvents } from "../../outbox/index.ts";
import { retryOnConflict } from "../../steps/index.ts";
import { worldlineAudit } from "./audit.ts";
import { type CardNaming, findReference } from "./naming.ts";

/**
 * Forgets the wrong tries of a card's PIN; a blocked PIN is unblocked. The card itself may be blocked.
 * @throws LinchpinError `card_unknown`, `card_terminated`
 */
export async function resetTryCounter(context: Context, caller: PartnerCaller, naming: CardNaming): Promise<void> {
  const found = await findNamedCard(context, caller, "worldline", await findReference(context, caller, naming));
  const facts = auditFacts(worldlineAudit["worldline.pin.reset_try_counter"], caller, {
    pinVersion: found.pin.version,
  });
  return auditingRefusal(context, { cardId: found.id }, facts, async () => {
    await retryOnConflict(
      found,
      (card) => resetOf(context, card, facts),
      ({ id }) => findCard(context, id),
    );
  });
}

/** `conflict`: the PIN was blocked or unblocked meanwhile. */
async function resetOf(context: Context, card: Card, facts: AuditFacts<"pinVersion">): Promise<"reset" | "conflict"> {
  if (card.state === "terminated") throw new LinchpinError("card_terminated");
  const { store } = context;
  const pinVersion = card.pin.version;
  const audit = auditDone(context, { cardId: card.id }, facts.with({ pinVersion }));
  if (card.pin.status !== "blocked")
    return (await store.resetFailedTries(card.id, { audit, outbox: [] })) === "reset" ? "reset" : "conflict";
  const outbox = cardEvents(context, card, "pin.unblocked", { pinVersion });
  return (await store.unblockPin(card.id, { audit, outbox })) === "unblocked" ? "reset" : "conflict";
}
