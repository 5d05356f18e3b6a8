import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import { fixture, gracePeriodMs, idsOf, masterKey, plaintext, resetFixture, server } from "./keyring-fixture.ts";

const purposes = {
  early: { algorithm: "HS256", gracePeriodMs },
  late: { algorithm: "HS256", gracePeriodMs, isSlowToMake: true },
} as const;

beforeEach(resetFixture);

/** A server whose slow key is left, and how often it published keys. */
async function startWithoutSlowKey(settings: Parameters<typeof server>[0] = {}) {
  const published: string[][] = [];
  const keyring = server({
    purposes,
    publishKeys: async () => {
      published.push((await keyring.list(0)).map(({ purpose }) => purpose));
    },
    ...settings,
  });
  await keyring.ensure({ leavesSlowKeys: true });
  return { keyring, published };
}

describe("Keys that a server starts without", () => {
  it("are made by `ensure` unless they are left", async () => {
    const keyring = server({ purposes });
    await keyring.ensure();
    assert.equal((await keyring.list()).length, 2);
  });

  it("are left where there is none, and only then", async () => {
    const { keyring } = await startWithoutSlowKey();
    assert.deepEqual(
      (await keyring.list()).map(({ purpose }) => purpose),
      ["early"],
    );
    await keyring.makeLateKeys();
    const before = idsOf(await keyring.list(0));
    const { keyring: again } = await startWithoutSlowKey();
    await again.makeLateKeys();
    assert.deepEqual(idsOf(await again.list(0)), before);
  });

  it("are published as soon as they are made", async () => {
    const { keyring, published } = await startWithoutSlowKey();
    assert.deepEqual(published, []);
    await keyring.makeLateKeys();
    assert.deepEqual(published, [["early", "late"]]);
    await keyring.makeLateKeys();
    assert.equal(published.length, 1);
  });

  const needs = {
    current: (keyring) => keyring.current("late"),
    accepted: (keyring) => keyring.accepted("late"),
    usable: (keyring) => keyring.usable("late"),
    mac: (keyring) => keyring.mac("late", plaintext),
    make: (keyring) => keyring.make("late"),
    rotate: (keyring) => keyring.rotate("late"),
  } satisfies Record<string, (keyring: Awaited<ReturnType<typeof startWithoutSlowKey>>["keyring"]) => Promise<unknown>>;
  for (const [method, need] of Object.entries(needs))
    it(`are made where \`${method}\` needs them, once for all who wait`, async () => {
      const { keyring } = await startWithoutSlowKey();
      await Promise.all([keyring.current("late"), need(keyring), keyring.makeLateKeys()]);
      const made = fixture.records.auditEntries.filter(({ content }) => content.startsWith('["make","late",1'));
      assert.equal(made.length, 1);
    });

  it("are found for a key id", async () => {
    const { keyring } = await startWithoutSlowKey();
    await assert.rejects(keyring.find("late", "no such key"), { code: "key_unknown" });
    assert.equal((await keyring.list(0)).length, 2);
  });

  it("hold up no other purpose, nor the list, nor the check of the vault", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const vault = new SoftwareVault(masterKey);
    const makeKey = vault.makeKey.bind(vault);
    const { keyring } = await startWithoutSlowKey({ vault });
    vault.makeKey = (...key) => held.then(() => makeKey(...key));
    const waiting = keyring.current("late");
    await keyring.mac("early", plaintext);
    await keyring.tryOut();
    await keyring.rotateDue();
    assert.equal((await keyring.list(0)).length, 1);
    release();
    assert.equal((await waiting).version, 1);
  });

  it("are tried again after a failure, and were not used meanwhile", async () => {
    const { keyring, published } = await startWithoutSlowKey();
    fixture.records.reachable = false;
    fixture.records.addKey = () => Promise.reject(new Error("unreachable"));
    await assert.rejects(keyring.makeLateKeys(), /unreachable/);
    await assert.rejects(keyring.current("late"), /unreachable/);
    fixture.records.reachable = true;
    Reflect.deleteProperty(fixture.records, "addKey");
    assert.equal((await keyring.current("late")).version, 1);
    assert.equal(published.length, 1);
  });

  it("are used only once they are published", async () => {
    let isReachable = false;
    const publishKeys = async () => {
      if (!isReachable) throw new Error("unreachable");
    };
    const { keyring } = await startWithoutSlowKey({ publishKeys });
    await assert.rejects(keyring.current("late"), /unreachable/);
    await assert.rejects(keyring.current("late"), /unreachable/);
    isReachable = true;
    assert.equal((await keyring.current("late")).version, 1);
    assert.equal((await keyring.list(0)).length, 2);
  });

  it("are one key where several servers make them at once", async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => startWithoutSlowKey()));
    const keys = await Promise.all(servers.map(({ keyring }) => keyring.current("late")));
    assert.equal(new Set(idsOf(keys)).size, 1);
    assert.equal((await fixture.records.listKeys()).length, 2);
  });
});
