import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import { KeyRecordCache } from "../../src/keyring/key-record-cache.ts";
import { fixture, resetFixture, server, startedServer } from "./keyring-fixture.ts";

beforeEach(resetFixture);

describe("Keyring and another server", () => {
  it("sees the other's rotation within cacheMs", async () => {
    const [here, there] = [await startedServer(), await startedServer()];
    const first = await here.current("session");
    const second = await there.rotate("session");
    fixture.nowMs += 999;
    assert.equal((await here.current("session")).id, first.id);
    fixture.nowMs += 1;
    assert.equal((await here.current("session")).id, second.id);
  });

  it("finds the other's new key sooner, by its id", async () => {
    const [here, there] = [await startedServer(), await startedServer()];
    await here.current("session");
    const second = await there.rotate("session");
    fixture.nowMs += 100;
    assert.equal((await here.find("session", second.id)).id, second.id);
    assert.equal((await here.current("session")).id, second.id);
  });

  it("sees the other's retirement within cacheMs", async () => {
    const withoutGracePeriod = { purposes: { session: { algorithm: "A256GCM", gracePeriodMs: 0 } } } as const;
    const [here, there] = [await startedServer(withoutGracePeriod), await startedServer(withoutGracePeriod)];
    const { id } = await here.current("session");
    await there.rotate("session");
    fixture.nowMs += 1000;
    await assert.rejects(here.find("session", id), { code: "key_expired" });
  });

  it("asks the records once while they are known, and again when the clock is set back", async () => {
    const keyring = await startedServer();
    await keyring.current("session");
    const reads = fixture.records.reads;
    for (let call = 0; call < 100; call++) await keyring.current("session");
    assert.equal(fixture.records.reads - reads, 0);
    fixture.nowMs -= 3_600_000;
    await keyring.current("session");
    assert.equal(fixture.records.reads - reads, 1);
  });

  it("does not remember that the records could not be reached", async () => {
    const keyring = await startedServer();
    fixture.nowMs += 1000;
    fixture.records.reachable = false;
    await assert.rejects(keyring.current("session"), { code: "unavailable" });
    fixture.records.reachable = true;
    assert.equal((await keyring.current("session")).version, 1);
  });
});

describe("Keyring.find", () => {
  it("asks the records a bounded number of times for made-up ids", async () => {
    const keyring = await startedServer();
    const reads = fixture.records.reads;
    for (let attempt = 0; attempt < 1000; attempt++) {
      fixture.nowMs += 1;
      await assert.rejects(keyring.find("session", randomUUID()), { code: "key_unknown" });
    }
    assert.ok(fixture.records.reads - reads <= 11);
  });

  it("asks the records once for made-up ids that come together", async () => {
    const keyring = await startedServer();
    await keyring.current("session");
    fixture.nowMs += 500;
    const reads = fixture.records.reads;
    const flood = Array.from({ length: 100 }, () => keyring.find("session", randomUUID()));
    for (const outcome of await Promise.allSettled(flood)) assert.equal(outcome.status, "rejected");
    assert.equal(fixture.records.reads - reads, 1);
  });
});

describe("Keyring.ensure", () => {
  it("says so when the records can not be reached, and works when they can again", async () => {
    fixture.records.reachable = false;
    const keyring = server();
    await assert.rejects(keyring.ensure(), { code: "unavailable" });
    fixture.records.reachable = true;
    await keyring.ensure();
    assert.equal((await keyring.list()).length, 3);
  });
});

describe("KeyRecordCache", () => {
  const cacheOf = (maxAgeMs: number) =>
    new KeyRecordCache(fixture.records, { clock: () => new Date(fixture.nowMs), maxAgeMs });
  const readsOf = async (work: () => Promise<unknown>) => {
    const reads = fixture.records.reads;
    await work();
    return fixture.records.reads - reads;
  };

  it("reads again what is older than a caller takes, and never keeps anything longer than its own age", async () => {
    const cache = cacheOf(1000);
    await cache.list();
    fixture.nowMs += 99;
    assert.equal(await readsOf(() => cache.list(100)), 0);
    fixture.nowMs += 1;
    assert.equal(await readsOf(() => cache.list()), 0);
    assert.equal(await readsOf(() => cache.list(100)), 1);
    fixture.nowMs += 1000;
    assert.equal(await readsOf(() => cache.list(60_000)), 1);
  });

  it("reads again after it was cleared", async () => {
    const cache = cacheOf(1000);
    await cache.list();
    cache.clear();
    assert.equal(await readsOf(() => cache.list()), 1);
  });

  it("gives the versions of one purpose, newest first", async () => {
    const keyring = await startedServer();
    await keyring.rotate("session");
    const versions = await cacheOf(1000).versions("session");
    assert.deepEqual(
      versions.map(({ purpose, version }) => [purpose, version]),
      [
        ["session", 2],
        ["session", 1],
      ],
    );
    assert.deepEqual(await cacheOf(1000).versions("another"), []);
  });
});
