import type { ClaimedEntry } from "@linchpin/store";
import type { Context, DeliveryFailure } from "../context/index.ts";
import { nextAttemptAt } from "./next-attempt.ts";

/** Makes one attempt to deliver. Null: the entry is done with. `stopping`: aborted where this server is about to stop. */
export type Attempt = (entry: ClaimedEntry, stopping: AbortSignal) => Promise<DeliveryFailure | null>;

/** Makes one attempt to deliver an entry and records its outcome. Never rejects: an entry that could not be marked is claimed again later. */
export async function deliverEntry(
  context: Context,
  attempt: Attempt,
  entry: ClaimedEntry,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const failure = await attempt(entry, stopping);
    if (failure === null) await context.store.markDelivered(entry.id, context.clock());
    else await recordFailure(context, entry, failure);
  } catch (error) {
    context.log.error({ err: error, outboxId: entry.id }, "the outcome of a delivery could not be recorded");
  }
}

async function recordFailure(
  context: Context,
  entry: ClaimedEntry,
  { reason, isFinal }: DeliveryFailure,
): Promise<void> {
  const at = context.clock();
  const next = isFinal ? null : nextAttemptAt(entry, at);
  await context.store.markFailed(entry.id, { at, nextAttemptAt: next, reason });
  const facts = { outboxId: entry.id, topic: entry.topic, attempts: entry.attempts + 1, reason };
  if (next !== null) context.log.warn({ ...facts, nextAttemptAt: next }, "outbox entry not delivered yet");
  // A partner that refuses its notifications is no failure of the issuer.
  else if (entry.topic === "webhook") context.log.warn(facts, "notification of a webhook given up");
  else context.log.error(facts, "outbox entry given up");
}
