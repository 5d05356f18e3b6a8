import type { ListedKey } from "@linchpin/vault";
import { takeAuditCheckpoint } from "./audit/index.ts";
import { indexPans } from "./cards/index.ts";
import type { Context } from "./context/index.ts";
import { dayMs, hourMs, minuteMs } from "./durations.ts";
import { longestKeptMs } from "./idempotency/index.ts";
import { publishManifest } from "./issuer-keys/index.ts";
import { resealBatch, resealedPurposes } from "./keys/index.ts";
import { pause } from "./pause.ts";
import type { Settings } from "./settings/index.ts";

const maintenanceIntervalMs = minuteMs;
/** Events after the last signed checkpoint can be rewritten undetected by anyone who can write to the database. */
const checkpointIntervalMs = 5 * minuteMs;
/** Pause between two re-encryption batches, so that requests are not delayed. */
const batchPauseMs = 50;

/**
 * Background maintenance, once a minute: deletes expired rows, rotates keys that are due, signs an audit checkpoint.
 * Safe to run on several servers at once.
 */
export function startMaintenance(context: Context, mode: Settings["mode"]): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = Promise.all([maintainUntil(stopping.signal, context, mode), resealUntil(stopping.signal, context)]);
  return {
    stop: async () => {
      stopping.abort();
      await running;
      await takeAuditCheckpoint(context).catch(logFailure(context, "audit checkpoint"));
    },
  };
}

async function maintainUntil(signal: AbortSignal, context: Context, mode: Settings["mode"]): Promise<void> {
  while (!signal.aborted) {
    await runMaintenance(context, mode);
    await pause(maintenanceIntervalMs, signal);
  }
}

/** Re-encrypts stored values from earlier key versions to the current ones, batch by batch. */
async function resealUntil(signal: AbortSignal, context: Context): Promise<void> {
  while (!signal.aborted) {
    await resealDue(context, signal);
    await pause(maintenanceIntervalMs, signal);
  }
}

/** Re-encrypts what earlier key versions sealed. Never rejects: a failure is logged. */
export async function resealDue(context: Context, signal: AbortSignal = new AbortController().signal): Promise<void> {
  for (const purpose of resealedPurposes)
    await resealAll(context, purpose, signal).catch(logFailure(context, "resealed"));
}

/** Re-encrypts batches until no value of the purpose is left, or none that opens. */
async function resealAll(context: Context, purpose: string, signal: AbortSignal): Promise<void> {
  let total = 0;
  let batch: Awaited<ReturnType<typeof resealBatch>>;
  do {
    batch = await resealBatch(context, purpose);
    total += batch.resealed;
    if (batch.found > 0) await pause(batchPauseMs, signal);
  } while (batch.resealed > 0 && !signal.aborted);
  if (total > 0) context.log.info({ purpose, resealed: total }, "sealed anew");
}

/** One round of all tasks. Never rejects: a failure is logged, and the task runs again in the next round. */
export async function runMaintenance(context: Context, mode: Settings["mode"]): Promise<void> {
  const { store } = context;
  const now = context.clock();
  const dayAgo = new Date(now.getTime() - dayMs);
  const tasks: Record<string, () => Promise<unknown>> = {
    "first keys": () => context.keyring.makeLateKeys(),
    // An expired token is kept for a day, so that it is refused as expired and not as unknown.
    "access tokens": () => store.deleteExpiredAccessTokens(dayAgo),
    "idempotent requests": () => store.deleteIdempotentRequests(new Date(now.getTime() - longestKeptMs)),
    "wrong secrets": () => store.deleteWrongSecretCounts(dayAgo),
    "spent sessions": () => store.deleteSpentSessions(now),
    challenges: () => store.deleteExpiredChallenges(dayAgo),
    // An unverified device is useless once its challenge has expired, after minutes.
    devices: () => store.deleteUnverifiedDevices(dayAgo),
    // Change requests hold sealed PINs, which are deleted as soon as the request expires.
    "change requests": () => store.failExpiredChangeRequests(now),
    // Their outcome stays in the audit events.
    "ended change requests": () => store.deleteEndedChangeRequests(new Date(now.getTime() - 90 * dayMs)),
    "replay marks": () => deleteUselessReplayMarks(context, now),
    "audit checkpoint": () => takeAuditCheckpoint(context, checkpointIntervalMs),
    "key rotations": () => context.keyring.rotateDue(),
    "index of PANs": () => indexPans(context),
    "key manifest": () => publishManifest(context),
    // The sandbox keeps delivered messages, because it shows them.
    outbox: async () => (mode === "production" ? store.deleteDelivered(dayAgo) : 0),
    // An OTP that old has expired; a PIN that went by letter can be generated again.
    "dead messages": async () =>
      mode === "production" ? store.deleteDeadMessages(new Date(now.getTime() - 30 * dayMs)) : 0,
  };
  for (const [what, task] of Object.entries(tasks)) await task().catch(logFailure(context, what));
}

function logFailure({ log }: Context, what: string): (error: unknown) => void {
  return (error) => log.error({ err: error, what }, "housekeeping failed");
}

/**
 * Marks go once no server accepts their key any more, nor an earlier one: where a message names no key, its mark is
 * kept under the newest. A grace period that has ended by this clock may not have ended by another server's, or for a
 * request that is under way: an hour is left for both.
 */
async function deleteUselessReplayMarks({ keyring, store }: Context, now: Date): Promise<void> {
  const isUseless = ({ state, acceptedUntil }: ListedKey) =>
    state === "destroyed" ||
    (state === "retired" && acceptedUntil !== null && acceptedUntil.getTime() + hourMs < now.getTime());
  const keys = await keyring.list();
  const useless = keys.filter((key) =>
    keys.every((other) => other.purpose !== key.purpose || other.version > key.version || isUseless(other)),
  );
  if (useless.length > 0) await store.deleteReplayMarks(useless.map(({ id }) => id));
}
