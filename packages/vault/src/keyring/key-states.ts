import type { KeyPolicy } from "./key-policy.ts";
import type { KeyRecord } from "./key-records.ts";

// What a key's record means at a given time. These functions depend on their arguments alone.

/**
 * `pending`: made, not published yet; it opens already. `current`: published, and used to seal and sign. `accepted`: an
 * earlier version that still opens. `retired`: it opens no longer. `destroyed`: the key is gone, its record stays.
 */
export type KeyState = "pending" | "current" | "accepted" | "retired" | "destroyed";

/** A key as the operator sees it. */
export interface ListedKey extends KeyRecord {
  readonly state: KeyState;
}

/** The state of a key; `records` holds at least all versions of its purpose. */
export function stateOf(record: KeyRecord, records: readonly KeyRecord[], now: Date): KeyState {
  if (record.destroyedAt !== null) return "destroyed";
  if (isOver(record, now)) return "retired";
  if (record.currentFrom === null) return "pending";
  const isLatest = records.every(
    ({ purpose, version, currentFrom }) =>
      purpose !== record.purpose || version <= record.version || currentFrom === null,
  );
  return isLatest ? "current" : "accepted";
}

/** Whether the key's acceptance has ended. */
export function isOver({ acceptedUntil }: KeyRecord, now: Date): boolean {
  return acceptedUntil !== null && acceptedUntil <= now;
}

/** The current key of a purpose and the earlier versions that are still accepted. */
export function publishedKeys(versions: readonly KeyRecord[], now: Date): KeyRecord[] {
  return versions.filter((record) => {
    const state = stateOf(record, versions, now);
    return state === "current" || state === "accepted";
  });
}

/** Every key that still opens: those that are published, and the pending one, which another server may have published. */
export function usableKeys(records: readonly KeyRecord[], now: Date): KeyRecord[] {
  return records.filter((record) => !hasEnded(stateOf(record, records, now)));
}

/** Whether a key in this state opens nothing any longer. */
export function hasEnded(state: KeyState): boolean {
  return state === "retired" || state === "destroyed";
}

/** The latest version that became current. Its acceptance may have ended. `versions` has the newest first. */
export function latestCurrent(versions: readonly KeyRecord[]): KeyRecord | undefined {
  return versions.find(({ currentFrom }) => currentFrom !== null);
}

/**
 * Whether the next version of the current key must be made now, by the key's lifetime, by the rotation schedule, or as
 * versions that serve beside one another are not all there yet.
 */
export function isDueForRotation(
  { version, acceptedUntil, currentFrom }: KeyRecord,
  { gracePeriodMs, rotateEveryMs, parallelVersions }: KeyPolicy,
  now: Date,
): boolean {
  if (version < (parallelVersions ?? 1)) return true;
  const nowMs = now.getTime();
  const endsSoon = acceptedUntil !== null && acceptedUntil.getTime() - (gracePeriodMs ?? 0) <= nowMs;
  return endsSoon || (rotateEveryMs !== undefined && (currentFrom?.getTime() ?? nowMs) + rotateEveryMs <= nowMs);
}

/** Whether the key's acceptance ended after `time`, and the key still exists. */
export function endedAfter({ acceptedUntil, destroyedAt }: KeyRecord, time: Date): boolean {
  return destroyedAt === null && acceptedUntil !== null && acceptedUntil > time;
}

/**
 * How long a request that began before a change of a key may still be running. It covers the difference between the
 * clocks of two servers.
 */
export const maxRequestDurationMs = 60_000;
