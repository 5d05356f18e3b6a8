import assert from "node:assert/strict";
import { constants, createPublicKey, publicEncrypt, randomBytes, randomUUID, verify } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { Keyring, type NoteKeyAct } from "../../src/keyring/keyring.ts";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import { MemoryKeyRecords } from "./memory-key-records.ts";

const masterKey = randomBytes(32);
const overlapMs = 60_000;
const purposes = {
  session: { algorithm: "A256GCM", overlapMs },
  storage: { algorithm: "A256GCM", overlapMs: null },
  recall: { algorithm: "HS256", overlapMs },
} as const;
const plaintext = Buffer.from("plaintext");
const card = Buffer.from("card");

let records: MemoryKeyRecords;
let nowMs: number;
beforeEach(() => {
  records = new MemoryKeyRecords();
  nowMs = Date.UTC(2026, 0, 1);
});

type Settings = Partial<ConstructorParameters<typeof Keyring>[0]>;
const note: NoteKeyAct = (act, { purpose, version }, facts) => ({
  subject: "keys",
  cardId: null,
  occurredAt: new Date(nowMs),
  content: JSON.stringify([act, purpose, version, facts]),
});
const server = (settings: Settings = {}) =>
  new Keyring({
    vault: new SoftwareVault(masterKey),
    records,
    purposes,
    note,
    clock: () => new Date(nowMs),
    pause: async () => {},
    ...settings,
  });
const startedServer = async (settings: Settings = {}) => {
  const keyring = server(settings);
  await keyring.ensure();
  return keyring;
};

describe("Keyring.ensure", () => {
  it("makes version 1 of every purpose", async () => {
    const keyring = await startedServer();
    const listed = await keyring.list();
    assert.deepEqual(
      listed.map(({ purpose, version, algorithm, state }) => [purpose, version, algorithm, state]),
      [
        ["recall", 1, "HS256", "current"],
        ["session", 1, "A256GCM", "current"],
        ["storage", 1, "A256GCM", "current"],
      ],
    );
  });

  it("makes nothing where there is a key", async () => {
    const before = await (await startedServer()).list();
    assert.deepEqual(await (await startedServer()).list(), before);
  });

  it("makes one key a purpose when several servers start at once", async () => {
    const servers = Array.from({ length: 4 }, () => server());
    await Promise.all(servers.map((keyring) => keyring.ensure()));
    const ids = await Promise.all(servers.map(async (keyring) => (await keyring.current("session")).id));
    assert.equal(new Set(ids).size, 1);
    assert.equal((await servers[0]?.list())?.length, 3);
  });

  it("names a key by the id it is given", async () => {
    const keyring = await startedServer({ newId: () => "given", purposes: { session: purposes.session } });
    assert.equal((await keyring.current("session")).id, "given");
  });

  for (const algorithm of ["RSA-OAEP-256", "RSA-PKCS1", "A256GCM", "HS256", "ES256"] as const)
    it(`refuses a master key that does not fit the key of ${algorithm}`, async () => {
      const only = { purposes: { only: { algorithm, overlapMs } } };
      await startedServer(only);
      const vault = new SoftwareVault(randomBytes(32));
      await assert.rejects(server({ ...only, vault }).ensure(), { code: "settings_invalid" });
    });

  it("says so when the records can not be reached, and works when they can again", async () => {
    records.reachable = false;
    const keyring = server();
    await assert.rejects(keyring.ensure(), { code: "unavailable" });
    records.reachable = true;
    await keyring.ensure();
    assert.equal((await keyring.list()).length, 3);
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

  it("accepts the version before until its overlap ends, then refuses it as expired", async () => {
    const keyring = await startedServer();
    const first = await keyring.current("session");
    const second = await keyring.rotate("session");
    nowMs += overlapMs - 1;
    assert.equal((await keyring.find("session", first.id)).id, first.id);
    assert.deepEqual(idsOf(await keyring.accepted("session")), [second.id, first.id]);
    nowMs += 1;
    await assert.rejects(keyring.find("session", first.id), { code: "key_expired" });
    assert.deepEqual(idsOf(await keyring.accepted("session")), [second.id]);
  });

  it("refuses the version before at once where there is no overlap", async () => {
    const keyring = await startedServer({ purposes: { session: { algorithm: "A256GCM", overlapMs: 0 } } });
    const first = await keyring.current("session");
    await keyring.rotate("session");
    await assert.rejects(keyring.find("session", first.id), { code: "key_expired" });
  });

  it("does not prolong what an earlier rotation ended", async () => {
    const keyring = await startedServer();
    const first = await keyring.current("session");
    await keyring.rotate("session");
    nowMs += overlapMs - 1;
    await keyring.rotate("session");
    nowMs += 1;
    await assert.rejects(keyring.find("session", first.id), { code: "key_expired" });
    assert.deepEqual(
      (await keyring.accepted("session")).map(({ version }) => version),
      [3, 2],
    );
  });

  it("lists every version with its state, newest first", async () => {
    const keyring = await startedServer();
    await keyring.rotate("session");
    nowMs += overlapMs;
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

describe("Keyring.find", () => {
  it("refuses an id that no key has", async () => {
    const keyring = await startedServer();
    for (const id of [randomUUID(), "", "constructor"])
      await assert.rejects(keyring.find("session", id), { code: "key_unknown" });
  });

  it("refuses the id of another purpose's key", async () => {
    const keyring = await startedServer();
    const { id } = await keyring.current("storage");
    await assert.rejects(keyring.find("session", id), { code: "key_unknown" });
  });

  it("refuses a purpose that is not the keyring's", async () => {
    const keyring = await startedServer();
    for (const purpose of ["another", "", "constructor", "__proto__"]) {
      await assert.rejects(keyring.find(purpose, "id"), { code: "not_found" });
      await assert.rejects(keyring.current(purpose), { code: "not_found" });
      await assert.rejects(keyring.rotate(purpose), { code: "not_found" });
    }
  });

  it("asks the records a bounded number of times for made-up ids", async () => {
    const keyring = await startedServer();
    const reads = records.reads;
    for (let attempt = 0; attempt < 1000; attempt++) {
      nowMs += 1;
      await assert.rejects(keyring.find("session", randomUUID()), { code: "key_unknown" });
    }
    assert.ok(records.reads - reads <= 11);
  });

  it("asks the records once for made-up ids that come together", async () => {
    const keyring = await startedServer();
    await keyring.current("session");
    nowMs += 500;
    const reads = records.reads;
    const flood = Array.from({ length: 100 }, () => keyring.find("session", randomUUID()));
    for (const outcome of await Promise.allSettled(flood)) assert.equal(outcome.status, "rejected");
    assert.equal(records.reads - reads, 1);
  });
});

describe("Keyring and another server", () => {
  it("sees the other's rotation within cacheMs", async () => {
    const [here, there] = [await startedServer(), await startedServer()];
    const first = await here.current("session");
    const second = await there.rotate("session");
    nowMs += 999;
    assert.equal((await here.current("session")).id, first.id);
    nowMs += 1;
    assert.equal((await here.current("session")).id, second.id);
  });

  it("finds the other's new key sooner, by its id", async () => {
    const [here, there] = [await startedServer(), await startedServer()];
    await here.current("session");
    const second = await there.rotate("session");
    nowMs += 100;
    assert.equal((await here.find("session", second.id)).id, second.id);
    assert.equal((await here.current("session")).id, second.id);
  });

  it("sees the other's retirement within cacheMs", async () => {
    const withoutOverlap = { purposes: { session: { algorithm: "A256GCM", overlapMs: 0 } } } as const;
    const [here, there] = [await startedServer(withoutOverlap), await startedServer(withoutOverlap)];
    const { id } = await here.current("session");
    await there.rotate("session");
    nowMs += 1000;
    await assert.rejects(here.find("session", id), { code: "key_expired" });
  });

  it("asks the records once while they are known, and again when the clock is set back", async () => {
    const keyring = await startedServer();
    await keyring.current("session");
    const reads = records.reads;
    for (let call = 0; call < 100; call++) await keyring.current("session");
    assert.equal(records.reads - reads, 0);
    nowMs -= 3_600_000;
    await keyring.current("session");
    assert.equal(records.reads - reads, 1);
  });

  it("does not remember that the records could not be reached", async () => {
    const keyring = await startedServer();
    nowMs += 1000;
    records.reachable = false;
    await assert.rejects(keyring.current("session"), { code: "unavailable" });
    records.reachable = true;
    assert.equal((await keyring.current("session")).version, 1);
  });
});

describe("Keyring.seal and open", () => {
  it("seal by the current key, open by the one that sealed", async () => {
    const keyring = await startedServer();
    const first = await keyring.seal("storage", plaintext, card);
    const { id } = await keyring.rotate("storage");
    const second = await keyring.seal("storage", plaintext, card);
    assert.notEqual(first.keyId, id);
    assert.equal(second.keyId, id);
    for (const sealed of [first, second])
      assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
  });

  it("open for ever what a purpose without an end sealed", async () => {
    const keyring = await startedServer();
    const sealed = await keyring.seal("storage", plaintext, card);
    await keyring.rotate("storage");
    await keyring.rotate("storage");
    nowMs += 100 * 365 * 86_400_000;
    assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
  });

  it("refuse what was sealed by an expired key", async () => {
    const keyring = await startedServer();
    const sealed = await keyring.seal("session", plaintext, card);
    await keyring.rotate("session");
    nowMs += overlapMs;
    await assert.rejects(keyring.open("session", sealed, card), { code: "key_expired" });
  });

  it("refuse what was sealed for another purpose", async () => {
    const keyring = await startedServer();
    const sealed = await keyring.seal("storage", plaintext, card);
    await assert.rejects(keyring.open("session", sealed, card), { code: "key_unknown" });
    const renamed = { ...sealed, keyId: (await keyring.current("session")).id };
    await assert.rejects(keyring.open("session", renamed, card), { code: "decryption_failed" });
  });

  it("refuse other associated data", async () => {
    const keyring = await startedServer();
    const sealed = await keyring.seal("storage", plaintext, card);
    await assert.rejects(keyring.open("storage", sealed, Buffer.from("another")), { code: "decryption_failed" });
  });

  it("refuse a purpose of another algorithm", async () => {
    const keyring = await startedServer();
    await assert.rejects(keyring.seal("recall", plaintext, card), { code: "internal" });
  });
});

describe("Keyring.unwrap", () => {
  it("opens by the latest and by earlier keys until their overlap ends, and refuses other purposes' keys", async () => {
    const wrapping = { algorithm: "RSA-OAEP-256", overlapMs } as const;
    const keyring = await startedServer({ purposes: { change: wrapping, verify: wrapping } });
    const contentKey = randomBytes(64);
    const first = await keyring.current("change");
    const key = createPublicKey({ key: Buffer.from(first.publicKeySpki ?? []), format: "der", type: "spki" });
    const wrapped = publicEncrypt({ key, oaepHash: "sha256" }, contentKey);
    assert.deepEqual(Buffer.from(await keyring.unwrap("change", first.id, wrapped, 64)), contentKey);
    const second = await keyring.rotate("change");
    assert.deepEqual(Buffer.from(await keyring.unwrap("change", first.id, wrapped, 64)), contentKey);
    assert.notDeepEqual(Buffer.from(await keyring.unwrap("change", second.id, wrapped, 64)), contentKey);
    await assert.rejects(keyring.unwrap("verify", first.id, wrapped, 64), { code: "key_unknown" });
    nowMs += overlapMs;
    await assert.rejects(keyring.unwrap("change", first.id, wrapped, 64), { code: "key_expired" });
  });
});

describe("Keyring.mac and sign", () => {
  it("mac by the current key, and again by the key of an earlier mac until it expires", async () => {
    const keyring = await startedServer();
    const mac = await keyring.mac("recall", plaintext);
    await keyring.rotate("recall");
    assert.notDeepEqual((await keyring.mac("recall", plaintext)).bytes, mac.bytes);
    assert.deepEqual(await keyring.mac("recall", plaintext, mac.keyId), mac);
    nowMs += overlapMs;
    await assert.rejects(keyring.mac("recall", plaintext, mac.keyId), { code: "key_expired" });
  });

  it("sign by the current key", async () => {
    const keyring = await startedServer({ purposes: { notice: { algorithm: "ES256", overlapMs } } });
    await keyring.rotate("notice");
    const { keyId, bytes } = await keyring.sign("notice", plaintext);
    const { id, publicKeySpki } = await keyring.current("notice");
    const key = createPublicKey({ key: Buffer.from(publicKeySpki ?? []), format: "der", type: "spki" });
    assert.equal(keyId, id);
    assert.ok(verify("sha256", plaintext, { key, dsaEncoding: "ieee-p1363" }, bytes));
  });

  it("refuse where the vault has neither", async () => {
    const software = new SoftwareVault(masterKey);
    const vault = {
      makeKey: software.makeKey.bind(software),
      unwrap: software.unwrap.bind(software),
      seal: software.seal.bind(software),
      open: software.open.bind(software),
    };
    const keyring = await startedServer({ vault, purposes: { session: purposes.session } });
    await assert.rejects(keyring.mac("session", plaintext), { code: "internal" });
    await assert.rejects(keyring.sign("session", plaintext), { code: "internal" });
    await assert.rejects(server({ vault }).ensure(), { code: "internal" });
  });
});

function idsOf(keys: readonly { id: string }[]): string[] {
  return keys.map(({ id }) => id);
}

describe("Keyring.unwrapByAny", () => {
  const purposes = { change: { algorithm: "RSA-PKCS1", overlapMs } } as const;
  const contentKey = randomBytes(32);
  const wrapTo = async (keyring: Keyring) => {
    const { publicKeySpki } = await keyring.current("change");
    const key = createPublicKey({ key: Buffer.from(publicKeySpki ?? []), format: "der", type: "spki" });
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, contentKey);
  };

  const unwrap = async (keyring: Keyring, wrapped: Uint8Array) =>
    Buffer.from((await keyring.unwrapByAny("change", wrapped, 32)).bytes);

  it("opens what was wrapped to any version that is accepted, and to no other", async () => {
    const keyring = await startedServer({ purposes });
    const wrapped = [await wrapTo(keyring)];
    await keyring.rotate("change");
    wrapped.push(await wrapTo(keyring));
    for (const each of wrapped) assert.deepEqual(await unwrap(keyring, each), contentKey);
    nowMs += overlapMs;
    const [retired = contentKey, current = contentKey] = wrapped;
    assert.notDeepEqual(await unwrap(keyring, retired), contentKey);
    assert.deepEqual(await unwrap(keyring, current), contentKey);
  });

  it("asks the vault once for each accepted key, whether one opens or none", async () => {
    const vault = new SoftwareVault(masterKey);
    let calls = 0;
    const asked = vault.unwrap.bind(vault);
    vault.unwrap = (...question) => {
      calls++;
      return asked(...question);
    };
    const keyring = await startedServer({ purposes, vault });
    const older = await wrapTo(keyring);
    await keyring.rotate("change");
    for (const wrapped of [older, await wrapTo(keyring), randomBytes(256), Buffer.alloc(0)]) {
      calls = 0;
      assert.equal((await unwrap(keyring, wrapped)).length, 32);
      assert.equal(calls, 2);
    }
  });

  it("gives new random bytes for what no key opens", async () => {
    const keyring = await startedServer({ purposes });
    const wrapped = randomBytes(256);
    assert.notDeepEqual(await unwrap(keyring, wrapped), await unwrap(keyring, wrapped));
  });

  it("takes a key that another server made just now", async () => {
    const [here, there] = [await startedServer({ purposes }), await startedServer({ purposes })];
    await here.current("change");
    await there.rotate("change");
    nowMs += 100;
    assert.deepEqual(await unwrap(here, await wrapTo(there)), contentKey);
  });

  it("names the newest key, whichever opens", async () => {
    const keyring = await startedServer({ purposes });
    const older = await wrapTo(keyring);
    const { id } = await keyring.rotate("change");
    for (const wrapped of [older, await wrapTo(keyring), randomBytes(256)])
      assert.equal((await keyring.unwrapByAny("change", wrapped, 32)).keyId, id);
  });

  it("refuses when the last key's life is over", async () => {
    const lifetimeMs = 1000;
    const keyring = await startedServer({ purposes: { change: { ...purposes.change, overlapMs: 0, lifetimeMs } } });
    const wrapped = await wrapTo(keyring);
    nowMs += 2 * 24 * 3_600_000;
    await assert.rejects(keyring.unwrapByAny("change", wrapped, 32), { code: "key_expired" });
  });
});

describe("a key with a lifetime", () => {
  const dayMs = 24 * 3_600_000;
  const limited = { algorithm: "A256GCM", overlapMs: 30 * dayMs, lifetimeMs: 365 * dayMs } as const;
  const purposes = { limited };

  it("is accepted to the end of its last day, and this does not change when it is rotated", async () => {
    const keyring = await startedServer({ purposes });
    const first = await keyring.current("limited");
    assert.equal(first.acceptedUntil?.toISOString(), "2027-01-01T23:59:59.999Z");
    nowMs += dayMs;
    const second = await keyring.rotate("limited");
    assert.equal(second.acceptedUntil?.toISOString(), "2027-01-02T23:59:59.999Z");
    assert.deepEqual(await keyring.find("limited", first.id), first);
    nowMs = Date.UTC(2027, 0, 1, 23, 59, 59, 998);
    assert.deepEqual(await keyring.find("limited", first.id), first);
    nowMs += 1;
    await assert.rejects(keyring.find("limited", first.id), { code: "key_expired" });
  });

  it("has a next one by itself, once only the overlap is left of it", async () => {
    const keyring = await startedServer({ purposes });
    const first = await keyring.current("limited");
    nowMs = (first.acceptedUntil?.getTime() ?? 0) - limited.overlapMs - 1;
    await keyring.rotateDue();
    assert.deepEqual(await keyring.current("limited"), first);
    nowMs += 1;
    await Promise.all(Array.from({ length: 5 }, () => keyring.rotateDue()));
    assert.equal((await keyring.current("limited")).version, 2);
    assert.deepEqual(await keyring.find("limited", first.id), first);
    assert.equal((await keyring.list()).length, 2);
  });

  it("has one next one where two servers make it at once", async () => {
    const servers = [await startedServer({ purposes }), await startedServer({ purposes })];
    nowMs += limited.lifetimeMs;
    await Promise.all(servers.map((keyring) => keyring.rotateDue()));
    const nexts = await Promise.all(servers.map((keyring) => keyring.current("limited")));
    assert.equal(new Set(nexts.map(({ id }) => id)).size, 1);
    assert.equal(nexts[0]?.version, 2);
  });

  it("has a next one when it is asked for after its end, where nobody rotated it in time", async () => {
    const keyring = await startedServer({ purposes });
    nowMs += 2 * limited.lifetimeMs;
    const nexts = await Promise.all(Array.from({ length: 5 }, () => keyring.current("limited")));
    assert.deepEqual(new Set(nexts.map(({ version }) => version)), new Set([2]));
    assert.equal((await keyring.list()).length, 2);
  });

  it("is not told of after its end, while no next one can be made", async () => {
    const vault = new SoftwareVault(masterKey);
    const keyring = await startedServer({ purposes, vault });
    vault.makeKey = () => Promise.reject(new LinchpinError("unavailable"));
    nowMs += 2 * limited.lifetimeMs;
    await assert.rejects(keyring.current("limited"), { code: "unavailable" });
  });

  it("is replaced at the start when it ended while no server ran", async () => {
    const before = await (await startedServer({ purposes })).current("limited");
    nowMs += 2 * limited.lifetimeMs;
    const keyring = await startedServer({ purposes });
    assert.equal((await keyring.current("limited")).version, 2);
    await assert.rejects(keyring.find("limited", before.id), { code: "key_expired" });
    assert.deepEqual(
      (await keyring.list()).map(({ state }) => state),
      ["current", "retired"],
    );
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

  it("opens already, as a quicker server may publish it, and is not published", async () => {
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
      nowMs += ms;
    };
    const here = await startedServer({ pause });
    const before = nowMs;
    const made = await here.rotate("session");
    assert.ok(nowMs - before > 1000);
    assert.equal((await there.find("session", made.id)).id, made.id);
  });

  it("is not waited for where there is one server", async () => {
    const pause = () => assert.fail("waited");
    const keyring = await startedServer({ servers: "one", pause });
    assert.equal((await keyring.rotate("session")).version, 2);
  });

  it("is taken up where the server that made it died", async () => {
    const dying = await startedServer({ pause: () => Promise.reject(new Error("killed")) });
    await assert.rejects(dying.rotate("session"), /killed/);
    const keyring = await startedServer();
    assert.equal((await keyring.rotate("session")).version, 2);
    assert.equal((await keyring.list()).filter(({ purpose }) => purpose === "session").length, 2);
  });

  it("lives from when it is current", async () => {
    const dayMs = 86_400_000;
    const limited = { limited: { algorithm: "A256GCM", overlapMs: dayMs, lifetimeMs: 10 * dayMs } } as const;
    const keyring = await startedServer({ purposes: limited });
    assert.equal((await keyring.make("limited")).acceptedUntil, null);
    nowMs += 5 * dayMs;
    assert.equal((await keyring.rotate("limited")).acceptedUntil?.toISOString(), "2026-01-16T23:59:59.999Z");
  });
});

describe("Keyring.rotateDue", () => {
  const dayMs = 86_400_000;
  const scheduled = { session: { ...purposes.session, rotateEveryMs: dayMs }, storage: purposes.storage };

  it("rotates what the schedule says, when it says so", async () => {
    const keyring = await startedServer({ purposes: scheduled });
    nowMs += dayMs - 1;
    await keyring.rotateDue();
    assert.equal((await keyring.current("session")).version, 1);
    nowMs += 1;
    await keyring.rotateDue();
    assert.equal((await keyring.current("session")).version, 2);
    assert.equal((await keyring.current("storage")).version, 1);
    await keyring.rotateDue();
    assert.equal((await keyring.current("session")).version, 2);
  });

  it("rotates once where several servers do so at once", async () => {
    const servers = await Promise.all([1, 2, 3, 4].map(() => startedServer({ purposes: scheduled })));
    nowMs += dayMs;
    await Promise.all(servers.map((keyring) => keyring.rotateDue()));
    nowMs += 1000;
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

  it("end a key that nothing needs, for good, and keep its record without the handle", async () => {
    const { vault, destroyed } = destroying();
    const keyring = await startedServer({ vault });
    const first = await keyring.current("storage");
    await keyring.rotate("storage");
    const sealed = { keyId: first.id, bytes: await vault.seal(first, plaintext, card) };
    assert.equal(await keyring.retire(first.id), "retired");
    await assert.rejects(keyring.find("storage", first.id), { code: "key_expired" });
    await assert.rejects(keyring.destroy(first.id), { code: "conflict" });
    assert.deepEqual(destroyed, []);
    nowMs += 59_999;
    assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
    nowMs += 1;
    await assert.rejects(keyring.open("storage", sealed, card), { code: "key_expired" });
    assert.equal(await keyring.destroy(first.id), "destroyed");
    assert.deepEqual(destroyed, [first.id]);
    const listed = (await keyring.list()).find(({ id }) => id === first.id);
    assert.deepEqual([listed?.state, listed?.handle.length], ["destroyed", 0]);
    await assert.rejects(keyring.open("storage", sealed, card), { code: "key_expired" });
    await assert.rejects(keyring.reseal("storage", sealed, card), { code: "key_unknown" });
  });

  it("need no minute where there is one server", async () => {
    const keyring = await startedServer({ servers: "one" });
    const { id } = await keyring.current("storage");
    await keyring.rotate("storage");
    await keyring.retire(id);
    assert.equal(await keyring.destroy(id), "destroyed");
  });

  it("refuse a key that something needs, and change nothing", async () => {
    const { vault, destroyed } = destroying();
    const keyring = await startedServer({ vault, servers: "one" });
    const { id } = await keyring.current("storage");
    await keyring.rotate("storage");
    records.inUse.add(id);
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

  it("destroy in the vault what could not be while it was away", async () => {
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

  it("leave in no vault a key that came second", async () => {
    const { vault, destroyed } = destroying();
    const servers = [await startedServer({ vault }), await startedServer({ vault })];
    await Promise.allSettled(servers.map((keyring) => keyring.make("session")));
    assert.equal(destroyed.length, 1);
    assert.ok(!(await keyringIds()).includes(destroyed[0] ?? ""));
  });
  const keyringIds = async () => idsOf(await server().list());
});

describe("Keyring and the audit", () => {
  it("tells each change with its record, and what was asked for", async () => {
    const keyring = await startedServer({ purposes: { session: purposes.session }, servers: "one" });
    const { id } = await keyring.current("session");
    await keyring.make("session", { caller: "alice" });
    await keyring.rotate("session", { caller: "bob" });
    await keyring.retire(id, {}, { caller: "carol" });
    await keyring.destroy(id, { caller: "dora" });
    assert.deepEqual(
      records.notes.map(({ content }) => JSON.parse(content)),
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

describe("Keyring and two vaults", () => {
  const moved = () => {
    const former = new SoftwareVault(masterKey);
    const vault = new SoftwareVault(randomBytes(32));
    return { vault, vaultName: "another", formerVaults: new Map([["software", former]]) };
  };

  it("makes new keys in the one, and opens in the other what it sealed", async () => {
    const before = await startedServer();
    const sealed = await before.seal("storage", plaintext, card);
    const keyring = await startedServer(moved());
    const first = await keyring.current("storage");
    assert.equal(keyring.isAtHome(first), false);
    assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
    const next = await keyring.rotate("storage");
    assert.deepEqual([next.vault, keyring.isAtHome(next)], ["another", true]);
    const resealed = await keyring.reseal("storage", sealed, card);
    assert.equal(resealed.keyId, next.id);
    for (const each of [sealed, resealed])
      assert.deepEqual(Buffer.from(await keyring.open("storage", each, card)), plaintext);
  });

  it("does not start without the one that holds keys which are still needed", async () => {
    await startedServer();
    await assert.rejects(server({ ...moved(), formerVaults: new Map() }).ensure(), {
      code: "settings_invalid",
      reason: /LINCHPIN_FORMER_VAULT/,
    });
  });

  it("starts without it when all that it holds has ended", async () => {
    const only = { purposes: { storage: purposes.storage }, servers: "one" } as const;
    const { id } = await (await startedServer(only)).current("storage");
    const settings = moved();
    const keyring = await startedServer({ ...only, ...settings });
    await keyring.rotate("storage");
    await keyring.retire(id);
    await startedServer({ ...only, ...settings, formerVaults: new Map() });
  });

  it("passes over what is pending in the one before", async () => {
    const only = { purposes: { storage: purposes.storage } };
    const pending = await (await startedServer(only)).make("storage");
    const keyring = await startedServer({ ...only, ...moved() });
    const next = await keyring.rotate("storage");
    assert.deepEqual([next.version, next.vault], [3, "another"]);
    assert.equal((await keyring.list()).find(({ id }) => id === pending.id)?.state, "retired");
  });
});

describe("Keyring.reseal", () => {
  it("seals by the current key what any other sealed, a retired one too", async () => {
    const keyring = await startedServer();
    const first = await keyring.seal("session", plaintext, card);
    const { id } = await keyring.rotate("session");
    nowMs += overlapMs;
    const resealed = await keyring.reseal("session", first, card);
    assert.equal(resealed.keyId, id);
    assert.deepEqual(Buffer.from(await keyring.open("session", resealed, card)), plaintext);
    await assert.rejects(keyring.reseal("session", first, Buffer.from("another")), { code: "decryption_failed" });
    await assert.rejects(keyring.reseal("storage", first, card), { code: "key_unknown" });
  });
});

async function statesOf(keyring: Keyring, purpose: string): Promise<[number, string][]> {
  const keys = (await keyring.list()).filter((key) => key.purpose === purpose);
  return keys.map(({ version, state }) => [version, state]);
}
