import { LinchpinError, type Pin } from "@linchpin/core";
import type { Card, KeptByProtocol, MarksOfMessage, OutboxEntry, PinChange, ReplayMark } from "@linchpin/store";
import { type AuditFacts, auditDone } from "../audit/index.ts";
import { checkCardState, findCard, settingsOf } from "../cards/index.ts";
import type { Context } from "../context/index.ts";
import { cardEvents } from "../outbox/index.ts";
import { retryOnConflict } from "../steps/index.ts";
import { checkPolicy } from "./check-policy.ts";
import { sealStoredPin } from "./stored-pin.ts";

interface Change {
  readonly pin: Pin;
  readonly mark: ReplayMark | MarksOfMessage | null;
  readonly changeRequestId?: string;
  /** Further messages and events, written in the same transaction. */
  readonly outbox?: readonly OutboxEntry[];
  /** What the protocol keeps, written in the same transaction. */
  readonly kept?: KeptByProtocol;
  /** Whether a blocked PIN is unblocked. Default: as the card's program says. */
  readonly unblocks?: boolean | undefined;
  /** The rules that the PIN is judged by again where another change was quicker. Default: `checkPolicy`. */
  readonly policy?: typeof checkPolicy;
  readonly facts: AuditFacts<"pinVersion">;
}

/**
 * Makes `pin` the card's PIN. The PIN is sealed for the version it will have; when another change was quicker,
 * the card is read and judged again.
 * @throws LinchpinError `replayed`, `change_request_ended`, `card_blocked`, `card_terminated`, what the policy says, `unavailable`
 */
export async function changePin(context: Context, change: Change & { card: Card }): Promise<{ version: number }> {
  return retryOnConflict(
    change.card,
    async (card) => {
      const result = await context.store.changePin(await pinChange(context, card, change));
      if (result === "changed") return { version: card.pin.version + 1 };
      if (result === "conflict") return result;
      throw new LinchpinError(result);
    },
    async ({ id }) => {
      const card = await findCard(context, id);
      checkCardState(card);
      await (change.policy ?? checkPolicy)(context, change.pin, card);
      return card;
    },
  );
}

async function pinChange(
  context: Context,
  card: Card,
  { pin, mark, changeRequestId, outbox = [], kept = {}, facts, ...change }: Change,
): Promise<PinChange> {
  const { policy, changeUnblocks, offlinePin } = settingsOf(card.program);
  const unblocks = change.unblocks ?? changeUnblocks;
  const pinVersion = card.pin.version + 1;
  const unblocked =
    card.pin.status === "blocked" && unblocks ? cardEvents(context, card, "pin.unblocked", { pinVersion }) : [];
  return {
    cardId: card.id,
    fromVersion: card.pin.version,
    sealed: await sealStoredPin(context, pin, card.id, pinVersion),
    mark,
    unblocks,
    offlinePin,
    pinHistoryLength: Math.max(0, policy.pinHistory - 1),
    at: context.clock(),
    changeRequestId: changeRequestId ?? null,
    auditAndOutbox: {
      audit: auditDone(context, { cardId: card.id }, facts.with({ pinVersion })),
      outbox: [...cardEvents(context, card, "pin.changed", { pinVersion }), ...unblocked, ...outbox],
      ...kept,
    },
  };
}
