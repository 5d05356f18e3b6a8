import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { KeyRecord, OutboxEntry } from "../../src/keyring/key-records.ts";
import type { Keyring } from "../../src/keyring/keyring.ts";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import {
  card,
  fixture,
  gracePeriodMs,
  idsOf,
  masterKey,
  plaintext,
  purposes,
  resetFixture,
  server,
  startedServer,
} from "./keyring-fixture.ts";

beforeEach(resetFixture);

describe("what is published of keys", () => {
  it("names a pending key before it becomes current, and what changed before the change is answered", async () => {
    const published: string[] = [];
    const keyring: Keyring = await startedServer({
      publishKeys: async () => {
        const states = (await keyring.list(0)).filter(({ purpose }) => purpose === "session");
        published.push(states.map(({ version, state }) => `${version} ${state}`).join(", "));
      },
    });
    const first = await keyring.current("session");
    await keyring.make("session");
    await keyring.rotate("session");
    await keyring.retire(first.id);
    assert.deepEqual(
      [...new Set(published)],
      ["2 pending, 1 current", "2 current, 1 accepted", "2 current, 1 retired"],
    );
    const before = published.length;
    await keyring.rotate("session");
    // Each once: a publication reads every key.
    assert.deepEqual(published.slice(before), ["3 pending, 2 current, 1 retired", "3 current, 2 accepted, 1 retired"]);
  });

  it("is a step of a rotation: where it fails, the pending key does not become current", async () => {
    const keyring = await startedServer({ publishKeys: () => Promise.reject(new Error("the database is gone")) });
    const first = await keyring.current("session");
    await assert.rejects(keyring.rotate("session"), { message: "the database is gone" });
    await assert.rejects(keyring.rotate("session"), { message: "the database is gone" });
    assert.equal((await keyring.current("session")).id, first.id);
  });
});

describe("Keyring.rotate", () => {
  it("makes the next version the current one at once", async () => {
    const keyring = await startedServer();
    const first = await keyring.current("session");
    const second = await keyring.rotate("session");
    assert.equal(second.version, 2);
    assert.notEqual(second.id, first.id);
    assert.equal((await keyring.current("session")).id, second.id);
  });

  it("leaves the other purposes as they are", async () => {
    const keyring = await startedServer();
    const before = await keyring.current("storage");
    await keyring.rotate("session");
    assert.deepEqual(await keyring.current("storage"), before);
  });

  it("accepts the version before until its grace period ends, then refuses it as expired", async () => {
    const keyring = await startedServer();
    const first = await keyring.current("session");
    const second = await keyring.rotate("session");
    fixture.nowMs += gracePeriodMs - 1;
    assert.equal((await keyring.find("session", first.id)).id, first.id);
    assert.deepEqual(idsOf(await keyring.accepted("session")), [second.id, first.id]);
    fixture.nowMs += 1;
    await assert.rejects(keyring.find("session", first.id), { code: "key_expired" });
    assert.deepEqual(idsOf(await keyring.accepted("session")), [second.id]);
  });

  it("refuses the version before at once where there is no grace period", async () => {
    const keyring = await startedServer({ purposes: { session: { algorithm: "A256GCM", gracePeriodMs: 0 } } });
    const first = await keyring.current("session");
    await keyring.rotate("session");
    await assert.rejects(keyring.find("session", first.id), { code: "key_expired" });
  });

  it("does not prolong what an earlier rotation ended", async () => {
    const keyring = await startedServer();
    const first = await keyring.current("session");
    await keyring.rotate("session");
    fixture.nowMs += gracePeriodMs - 1;
    await keyring.rotate("session");
    fixture.nowMs += 1;
    await assert.rejects(keyring.find("session", first.id), { code: "key_expired" });
    assert.deepEqual(
      (await keyring.accepted("session")).map(({ version }) => version),
      [3, 2],
    );
  });

  it("lists every version with its state, newest first", async () => {
    const keyring = await startedServer();
    await keyring.rotate("session");
    fixture.nowMs += gracePeriodMs;
    await keyring.rotate("session");
    assert.deepEqual(
      (await keyring.list()).map(({ purpose, version, state }) => [purpose, version, state]),
      [
        ["recall", 1, "current"],
        ["session", 3, "current"],
        ["session", 2, "accepted"],
        ["session", 1, "retired"],
        ["storage", 1, "current"],
      ],
    );
  });

  it("lists the keys of a purpose that is no longer used", async () => {
    await startedServer();
    const keyring = await startedServer({ purposes: { session: purposes.session } });
    assert.equal((await keyring.list()).length, 3);
  });

  for (const [where, servers] of Object.entries({
    "on one server": async () => {
      const keyring = await startedServer();
      return [keyring, keyring];
    },
    "on two servers": async () => [await startedServer(), await startedServer()],
  }))
    it(`refuses the second of two at once ${where}`, async () => {
      const keyrings = await servers();
      const outcomes = await Promise.allSettled(keyrings.map((keyring) => keyring.rotate("session")));
      const refused = outcomes.filter((outcome) => outcome.status === "rejected");
      assert.deepEqual(
        refused.map(({ reason }) => reason.code),
        ["conflict"],
      );
      for (const keyring of keyrings) assert.equal((await keyring.current("session")).version, 2);
    });

  it("follows another server's rotation that it has not seen yet", async () => {
    const [here, there] = [await startedServer(), await startedServer()];
    await here.current("session");
    await there.rotate("session");
    assert.equal((await here.rotate("session")).version, 3);
  });

  it("refuses a purpose that has no key yet", async () => {
    await assert.rejects(server().rotate("session"), { code: "internal" });
  });
});

describe("a pending key", () => {
  it("waits for the next rotation, which makes no other", async () => {
    const keyring = await startedServer();
    const first = await keyring.current("session");
    const pending = await keyring.make("session");
    assert.deepEqual(await keyring.make("session"), pending);
    assert.deepEqual(await statesOf(keyring, "session"), [
      [2, "pending"],
      [1, "current"],
    ]);
    assert.deepEqual(await keyring.current("session"), first);
    assert.equal((await keyring.rotate("session")).id, pending.id);
    assert.deepEqual(await statesOf(keyring, "session"), [
      [2, "current"],
      [1, "accepted"],
    ]);
  });

  it("opens, because another server may have published it, and is not published here", async () => {
    const keyring = await startedServer();
    const pending = await keyring.make("session");
    assert.equal((await keyring.find("session", pending.id)).id, pending.id);
    assert.deepEqual(idsOf(await keyring.usable("session")), [pending.id, (await keyring.current("session")).id]);
    assert.deepEqual(idsOf(await keyring.accepted("session")), [(await keyring.current("session")).id]);
  });

  it("becomes current once every server knows it, and so is refused by none", async () => {
    const there = await startedServer();
    await there.current("session");
    const pause = async (ms: number) => {
      fixture.nowMs += ms;
    };
    const here = await startedServer({ pause });
    const before = fixture.nowMs;
    const made = await here.rotate("session");
    assert.ok(fixture.nowMs - before > 1000);
    assert.equal((await there.find("session", made.id)).id, made.id);
  });

  it("becomes current without a pause on one server", async () => {
    const pause = () => assert.fail("waited");
    const keyring = await startedServer({ servers: "one", pause });
    assert.equal((await keyring.rotate("session")).version, 2);
  });

  it("becomes current by another server where the one that made it died", async () => {
    const dying = await startedServer({ pause: () => Promise.reject(new Error("killed")) });
    await assert.rejects(dying.rotate("session"), /killed/);
    const keyring = await startedServer();
    assert.equal((await keyring.rotate("session")).version, 2);
    assert.equal((await keyring.list()).filter(({ purpose }) => purpose === "session").length, 2);
  });

  it("has a lifetime that begins when it becomes current", async () => {
    const dayMs = 86_400_000;
    const limited = { limited: { algorithm: "A256GCM", gracePeriodMs: dayMs, lifetimeMs: 10 * dayMs } } as const;
    const keyring = await startedServer({ purposes: limited });
    assert.equal((await keyring.make("limited")).acceptedUntil, null);
    fixture.nowMs += 5 * dayMs;
    assert.equal((await keyring.rotate("limited")).acceptedUntil?.toISOString(), "2026-01-16T23:59:59.999Z");
  });
});

describe("Keyring.rotateDue", () => {
  const dayMs = 86_400_000;
  const scheduled = { session: { ...purposes.session, rotateEveryMs: dayMs }, storage: purposes.storage };

  it("rotates what the schedule says, when it says so", async () => {
    const keyring = await startedServer({ purposes: scheduled });
    fixture.nowMs += dayMs - 1;
    await keyring.rotateDue();
    assert.equal((await keyring.current("session")).version, 1);
    fixture.nowMs += 1;
    await keyring.rotateDue();
    assert.equal((await keyring.current("session")).version, 2);
    assert.equal((await keyring.current("storage")).version, 1);
    await keyring.rotateDue();
    assert.equal((await keyring.current("session")).version, 2);
  });

  it("hands the events of each rotation on, and of nothing else", async () => {
    const eventsOfRotation = ({ purpose, version }: KeyRecord) => [
      { ...rotationEvent, orderingKey: purpose, payload: `${version}` },
    ];
    const keyring = await startedServer({ purposes: scheduled, eventsOfRotation });
    await keyring.make("storage");
    assert.deepEqual(fixture.records.outbox, []);
    fixture.nowMs += dayMs;
    await keyring.rotateDue();
    await keyring.rotateDue();
    await keyring.rotate("storage");
    assert.deepEqual(
      fixture.records.outbox.map(({ orderingKey, payload }) => [orderingKey, payload]),
      [
        ["session", "2"],
        ["storage", "2"],
      ],
    );
  });

  it("rotates once where several servers do so at once", async () => {
    const servers = await Promise.all([1, 2, 3, 4].map(() => startedServer({ purposes: scheduled })));
    fixture.nowMs += dayMs;
    await Promise.all(servers.map((keyring) => keyring.rotateDue()));
    fixture.nowMs += 1000;
    for (const keyring of servers) assert.equal((await keyring.current("session")).version, 2);
  });
});

describe("Keyring.retire and destroy", () => {
  const destroying = () => {
    const vault = new SoftwareVault(masterKey);
    const destroyed: string[] = [];
    return {
      vault: Object.assign(vault, { destroyKey: async ({ id }: { id: string }) => void destroyed.push(id) }),
      destroyed,
    };
  };
  const stateOf = async (keyring: Keyring, id: string) => (await keyring.list()).find((key) => key.id === id)?.state;

  it("end a key that no stored value needs, for good, and keep its record without the handle", async () => {
    const { vault, destroyed } = destroying();
    const keyring = await startedServer({ vault });
    const first = await keyring.current("storage");
    await keyring.rotate("storage");
    const sealed = { keyId: first.id, bytes: await vault.seal(first, plaintext, card) };
    assert.equal(await keyring.retire(first.id), "retired");
    await assert.rejects(keyring.find("storage", first.id), { code: "key_expired" });
    await assert.rejects(keyring.destroy(first.id), {
      code: "conflict",
      reason: "the key was retired just now, and requests under way may need it: try again in 60 s",
    });
    assert.deepEqual(destroyed, []);
    fixture.nowMs += 59_999;
    assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
    fixture.nowMs += 1;
    await assert.rejects(keyring.open("storage", sealed, card), { code: "key_expired" });
    assert.equal(await keyring.destroy(first.id), "destroyed");
    assert.deepEqual(destroyed, [first.id]);
    const listed = (await keyring.list()).find(({ id }) => id === first.id);
    assert.deepEqual([listed?.state, listed?.handle.length], ["destroyed", 0]);
    await assert.rejects(keyring.open("storage", sealed, card), { code: "key_expired" });
    await assert.rejects(keyring.reseal("storage", sealed, card), { code: "key_unknown" });
  });

  it("need no pause between them on one server", async () => {
    const keyring = await startedServer({ servers: "one" });
    const { id } = await keyring.current("storage");
    await keyring.rotate("storage");
    await keyring.retire(id);
    assert.equal(await keyring.destroy(id), "destroyed");
  });

  it("refuse a key that a stored value needs, and change nothing", async () => {
    const { vault, destroyed } = destroying();
    const keyring = await startedServer({ vault, servers: "one" });
    const { id } = await keyring.current("storage");
    await keyring.rotate("storage");
    fixture.records.inUse.add(id);
    assert.equal(await keyring.retire(id), "in_use");
    assert.equal(await stateOf(keyring, id), "accepted");
    assert.equal(await keyring.retire(id, { forceRecovery: true }), "retired");
    assert.equal(await keyring.destroy(id), "in_use");
    assert.equal(await stateOf(keyring, id), "retired");
    assert.deepEqual(destroyed, []);
  });

  it("refuse a current, a pending, a destroyed and an unknown key", async () => {
    const keyring = await startedServer({ servers: "one" });
    const { id } = await keyring.current("storage");
    const { id: pendingId } = await keyring.make("storage");
    for (const each of [id, pendingId]) {
      await assert.rejects(keyring.retire(each), { code: "conflict" });
      await assert.rejects(keyring.destroy(each), { code: "conflict" });
    }
    for (const each of ["nothing", ""]) {
      await assert.rejects(keyring.retire(each), { code: "not_found" });
      await assert.rejects(keyring.destroy(each), { code: "not_found" });
    }
    await keyring.rotate("storage");
    await assert.rejects(keyring.destroy(id), { code: "conflict" });
    await keyring.retire(id);
    await assert.rejects(keyring.retire(id), { code: "conflict" });
    await keyring.destroy(id);
    await assert.rejects(keyring.retire(id), { code: "conflict" });
  });

  it("retire the current key of a purpose that is no longer used", async () => {
    const { id } = await (await startedServer()).current("recall");
    const keyring = await startedServer({ purposes: { session: purposes.session } });
    assert.equal(await keyring.retire(id), "retired");
  });

  it("destroy a key in the vault on a second call, where the vault was away during the first", async () => {
    const { vault, destroyed } = destroying();
    const away = Object.assign(new SoftwareVault(masterKey), { destroyKey: () => Promise.reject(new Error("away")) });
    const keyring = await startedServer({ vault: away, servers: "one" });
    const { id } = await keyring.current("storage");
    await keyring.rotate("storage");
    await keyring.retire(id);
    await assert.rejects(keyring.destroy(id), /away/);
    assert.equal(await stateOf(keyring, id), "destroyed");
    assert.equal(await (await startedServer({ vault })).destroy(id), "destroyed");
    assert.deepEqual(destroyed, [id]);
  });

  it("destroy the key of the server that lost the race for a version", async () => {
    const { vault, destroyed } = destroying();
    const servers = [await startedServer({ vault }), await startedServer({ vault })];
    await Promise.allSettled(servers.map((keyring) => keyring.make("session")));
    assert.equal(destroyed.length, 1);
    assert.ok(!(await keyringIds()).includes(destroyed[0] ?? ""));
  });
  const keyringIds = async () => idsOf(await server().list());
});

describe("Keyring and the audit", () => {
  it("gets an entry for each change, with the key's record and the facts of the request", async () => {
    const keyring = await startedServer({ purposes: { session: purposes.session }, servers: "one" });
    const { id } = await keyring.current("session");
    await keyring.make("session", { caller: "alice" });
    await keyring.rotate("session", { caller: "bob" });
    await keyring.retire(id, {}, { caller: "carol" });
    await keyring.destroy(id, { caller: "dora" });
    assert.deepEqual(
      fixture.records.auditEntries.map(({ content }) => JSON.parse(content)),
      [
        ["make", "session", 1, {}],
        ["make", "session", 2, { caller: "alice" }],
        ["rotate", "session", 2, { caller: "bob" }],
        ["retire", "session", 1, { caller: "carol" }],
        ["destroy", "session", 1, { caller: "dora" }],
      ],
    );
  });
});

const rotationEvent: OutboxEntry = {
  id: "1",
  orderingKey: "",
  topic: "event",
  recipient: null,
  channel: null,
  payload: null,
  sealedText: null,
  createdAt: new Date(0),
};

async function statesOf(keyring: Keyring, purpose: string): Promise<[number, string][]> {
  const keys = (await keyring.list()).filter((key) => key.purpose === purpose);
  return keys.map(({ version, state }) => [version, state]);
}
