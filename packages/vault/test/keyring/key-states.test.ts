import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KeyRecord } from "../../src/keyring/key-records.ts";
import {
  endedAfter,
  isDueForRotation,
  type KeyState,
  latestCurrent,
  publishedKeys,
  stateOf,
  usableKeys,
} from "../../src/keyring/key-states.ts";

const [before, now, after] = [new Date(999), new Date(1000), new Date(1001)];

function key(version: number, changes: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id: `key-${version}`,
    purpose: "storage",
    version,
    algorithm: "A256GCM",
    vault: "software",
    publicKeySpki: null,
    handle: Uint8Array.of(1),
    createdAt: before,
    currentFrom: before,
    acceptedUntil: null,
    destroyedAt: null,
    ...changes,
  };
}

describe("stateOf", () => {
  const cases: Record<string, [changes: Partial<KeyRecord>, state: KeyState]> = {
    "that never became current": [{ currentFrom: null }, "pending"],
    "that never became current and ended, because another vault took its place": [
      { currentFrom: null, acceptedUntil: now },
      "retired",
    ],
    "that is the latest": [{}, "current"],
    "that is the latest and has an end": [{ acceptedUntil: after }, "current"],
    "whose end is now": [{ acceptedUntil: now }, "retired"],
    "whose end is past": [{ acceptedUntil: before }, "retired"],
    "that was destroyed": [{ acceptedUntil: before, destroyedAt: now }, "destroyed"],
  };
  for (const [what, [changes, state]] of Object.entries(cases))
    it(`of a key ${what}: ${state}`, () => assert.equal(stateOf(key(1, changes), [key(1, changes)], now), state));

  it("of an earlier version: accepted until its end, and without an end for as long as it has none", () => {
    const versions = [key(2), key(1, { acceptedUntil: after })];
    assert.deepEqual(statesOf(versions, now), ["current", "accepted"]);
    assert.deepEqual(statesOf(versions, after), ["current", "retired"]);
    assert.deepEqual(statesOf([key(2), key(1)], new Date(8.64e15)), ["current", "accepted"]);
  });

  it("does not depend on pending versions or on other purposes", () => {
    const others = [key(3, { currentFrom: null }), key(9, { purpose: "session" })];
    assert.equal(stateOf(key(2), [...others, key(2), key(1)], now), "current");
  });
});

describe("the keys that are published, and those that open", () => {
  const versions = [
    key(5, { currentFrom: null }),
    key(4),
    key(3, { acceptedUntil: after }),
    key(2, { acceptedUntil: now }),
    key(1, { acceptedUntil: before, destroyedAt: before }),
  ];

  it("publishes the current and the accepted keys, newest first", () => {
    assert.deepEqual(versionsOf(publishedKeys(versions, now)), [4, 3]);
  });

  it("opens with the pending key too", () => {
    assert.deepEqual(versionsOf(usableKeys(versions, now)), [5, 4, 3]);
  });

  it("has the latest key that became current, even if its acceptance has ended", () => {
    assert.equal(latestCurrent(versions)?.version, 4);
    assert.equal(latestCurrent(versions.slice(3))?.version, 2);
    assert.equal(latestCurrent(versions.slice(0, 1)), undefined);
  });
});

describe("isDueForRotation", () => {
  const policy = { algorithm: "A256GCM", gracePeriodMs: 100 } as const;

  it("by the lifetime: when only the grace period is left of it", () => {
    assert.equal(isDueForRotation(key(1, { acceptedUntil: new Date(1101) }), policy, now), false);
    assert.equal(isDueForRotation(key(1, { acceptedUntil: new Date(1100) }), policy, now), true);
    const withoutGracePeriod = { ...policy, gracePeriodMs: null };
    assert.equal(isDueForRotation(key(1, { acceptedUntil: after }), withoutGracePeriod, now), false);
    assert.equal(isDueForRotation(key(1, { acceptedUntil: now }), withoutGracePeriod, now), true);
  });

  it("by the schedule: when the key was current for that long", () => {
    const scheduled = { ...policy, rotateEveryMs: 1 };
    assert.equal(isDueForRotation(key(1, { currentFrom: now }), scheduled, now), false);
    assert.equal(isDueForRotation(key(1, { currentFrom: before }), scheduled, now), true);
  });

  it("never, without a lifetime and a schedule", () => {
    assert.equal(isDueForRotation(key(1, { currentFrom: new Date(0) }), policy, new Date(8.64e15)), false);
  });
});

describe("endedAfter", () => {
  it("is true only of a key that ended later than that time and exists", () => {
    assert.equal(endedAfter(key(1, { acceptedUntil: after }), now), true);
    assert.equal(endedAfter(key(1, { acceptedUntil: now }), now), false);
    assert.equal(endedAfter(key(1), now), false);
    assert.equal(endedAfter(key(1, { acceptedUntil: after, destroyedAt: after }), now), false);
  });
});

function statesOf(versions: readonly KeyRecord[], at: Date): KeyState[] {
  return versions.map((record) => stateOf(record, versions, at));
}

function versionsOf(keys: readonly KeyRecord[]): number[] {
  return keys.map(({ version }) => version);
}
