import type { House } from "./house.ts";
import { pause } from "./pause.ts";
import type { Settings } from "./settings.ts";

const roundMs = 60 * 1000;
const hourMs = 60 * roundMs;
const dayMs = 24 * hourMs;

/** Clears away every minute what has had its time. Each server may do it: what one has cleared, the others do not find. */
export function startHousekeeping(house: House, mode: Settings["mode"]): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = clearUntil(stopping.signal, house, mode);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function clearUntil(signal: AbortSignal, house: House, mode: Settings["mode"]): Promise<void> {
  while (!signal.aborted) {
    await clearAway(house, mode);
    await pause(roundMs, signal);
  }
}

/** One round. Never rejects: what fails is logged, and comes again with the next. */
export async function clearAway(house: House, mode: Settings["mode"]): Promise<void> {
  const { store } = house;
  const now = house.clock();
  const dayAgo = new Date(now.getTime() - dayMs);
  const tasks: Record<string, () => Promise<unknown>> = {
    // For a day, who comes with an expired one is told so.
    "access tokens": () => store.deleteExpiredAccessTokens(dayAgo),
    challenges: () => store.deleteExpiredChallenges(dayAgo),
    // Their challenges ended within minutes.
    devices: () => store.deleteUnverifiedDevices(dayAgo),
    // They hold sealed PINs: not a minute longer.
    "change requests": () => store.failExpiredChangeRequests(now),
    // What came of them stays in the audit events.
    "ended change requests": () => store.deleteEndedChangeRequests(new Date(now.getTime() - 90 * dayMs)),
    "replay marks": () => deleteUselessReplayMarks(house, now),
    // The sandbox shows what went out for as long as it stands.
    outbox: async () => (mode === "production" ? store.deleteDelivered(dayAgo) : 0),
    // Nobody waits for an OTP that old; a PIN by letter can be generated again.
    "dead messages": async () =>
      mode === "production" ? store.deleteDeadMessages(new Date(now.getTime() - 30 * dayMs)) : 0,
  };
  for (const [what, task] of Object.entries(tasks))
    await task().catch((error) => house.log.error({ err: error, what }, "not cleared away"));
}

/**
 * Marks go once no server accepts their key any more. An overlap that has ended by this clock may not have by
 * another's, or for a request that is under way: an hour is left for both.
 */
async function deleteUselessReplayMarks({ keyring, store }: House, now: Date): Promise<void> {
  const isUseless = ({ acceptedUntil }: { acceptedUntil: Date | null }) =>
    acceptedUntil !== null && acceptedUntil.getTime() + hourMs < now.getTime();
  const keys = (await keyring.list()).filter((key) => key.state === "retired" && isUseless(key));
  if (keys.length > 0) await store.deleteReplayMarks(keys.map(({ id }) => id));
}
