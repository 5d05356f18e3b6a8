import assert from "node:assert/strict";
import { constants, createPublicKey, publicEncrypt, randomBytes, randomUUID, verify } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import { Keyring } from "../src/keyring.ts";
import { SoftwareVault } from "../src/software-vault.ts";
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
const server = (settings: Settings = {}) =>
  new Keyring({ vault: new SoftwareVault(masterKey), records, purposes, clock: () => new Date(nowMs), ...settings });
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
    assert.deepEqual(await keyring.current("limited"), first);
    nowMs += 1;
    const nexts = await Promise.all(Array.from({ length: 5 }, () => keyring.current("limited")));
    assert.deepEqual(
      nexts.map(({ version }) => version),
      [2, 2, 2, 2, 2],
    );
    assert.deepEqual(await keyring.find("limited", first.id), first);
    assert.equal((await keyring.list()).length, 2);
  });

  it("has one next one where two servers make it at once", async () => {
    const servers = [await startedServer({ purposes }), await startedServer({ purposes })];
    nowMs += limited.lifetimeMs;
    const nexts = await Promise.all(servers.map((keyring) => keyring.current("limited")));
    assert.equal(new Set(nexts.map(({ id }) => id)).size, 1);
    assert.equal(nexts[0]?.version, 2);
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
