import assert from "node:assert/strict";
import { constants, createPublicKey, publicEncrypt, randomBytes, randomUUID, verify } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import type { Keyring } from "../../src/keyring/keyring.ts";
import { SoftwareVault } from "../../src/software/software-vault.ts";
import {
  card,
  fixture,
  gracePeriodMs,
  masterKey,
  plaintext,
  purposes,
  resetFixture,
  server,
  startedServer,
} from "./keyring-fixture.ts";

beforeEach(resetFixture);

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

  const paired = { session: { ...purposes.session, parallelVersions: 2 } } as const;

  it("makes the versions that serve beside one another at once, without the pause of a rotation", async () => {
    const pauses: number[] = [];
    const keyring = await startedServer({ purposes: paired, pause: async (ms) => pauses.push(ms) });
    assert.deepEqual(
      (await keyring.list()).map(({ version, state, acceptedUntil }) => [version, state, acceptedUntil]),
      [
        [2, "current", null],
        [1, "accepted", null],
      ],
    );
    assert.deepEqual(pauses, []);
    assert.deepEqual(
      fixture.records.auditEntries.map(({ content }) => content),
      ['["make","session",1,{}]', '["make","session",2,{}]'],
    );
  });

  it("makes each of those once when several servers start at once", async () => {
    const servers = Array.from({ length: 4 }, () => server({ purposes: paired }));
    await Promise.all(servers.map((keyring) => keyring.ensure()));
    for (const keyring of servers)
      assert.deepEqual(
        (await keyring.list(0)).map(({ version, state }) => [version, state]),
        [
          [2, "current"],
          [1, "accepted"],
        ],
      );
  });

  it("names a key by the id it is given", async () => {
    const keyring = await startedServer({ newId: () => "given", purposes: { session: purposes.session } });
    assert.equal((await keyring.current("session")).id, "given");
  });

  for (const algorithm of ["RSA-OAEP", "RSA-OAEP-256", "RSA-PKCS1", "A256GCM", "HS256", "ES256"] as const)
    it(`refuses a master key that does not fit the key of ${algorithm}`, async () => {
      const only = { purposes: { only: { algorithm, gracePeriodMs } } };
      await startedServer(only);
      const vault = new SoftwareVault(randomBytes(32));
      await assert.rejects(server({ ...only, vault }).ensure(), { code: "settings_invalid" });
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
});

describe("Keyring.seal and open", () => {
  it("seal with the current key, open with the key that sealed", async () => {
    const keyring = await startedServer();
    const first = await keyring.seal("storage", plaintext, card);
    const { id } = await keyring.rotate("storage");
    const second = await keyring.seal("storage", plaintext, card);
    assert.notEqual(first.keyId, id);
    assert.equal(second.keyId, id);
    for (const sealed of [first, second])
      assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
  });

  it("open for ever what a purpose without an end of the grace period sealed", async () => {
    const keyring = await startedServer();
    const sealed = await keyring.seal("storage", plaintext, card);
    await keyring.rotate("storage");
    await keyring.rotate("storage");
    fixture.nowMs += 100 * 365 * 86_400_000;
    assert.deepEqual(Buffer.from(await keyring.open("storage", sealed, card)), plaintext);
  });

  it("refuse what was sealed by an expired key", async () => {
    const keyring = await startedServer();
    const sealed = await keyring.seal("session", plaintext, card);
    await keyring.rotate("session");
    fixture.nowMs += gracePeriodMs;
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
  it("opens by the latest and by earlier keys until their grace period ends, and refuses other purposes' keys", async () => {
    const wrapping = { algorithm: "RSA-OAEP-256", gracePeriodMs } as const;
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
    fixture.nowMs += gracePeriodMs;
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
    fixture.nowMs += gracePeriodMs;
    await assert.rejects(keyring.mac("recall", plaintext, mac.keyId), { code: "key_expired" });
  });

  it("sign by the current key", async () => {
    const keyring = await startedServer({ purposes: { notice: { algorithm: "ES256", gracePeriodMs } } });
    await keyring.rotate("notice");
    const { keyId, bytes } = await keyring.sign("notice", plaintext);
    const { id, publicKeySpki } = await keyring.current("notice");
    const key = createPublicKey({ key: Buffer.from(publicKeySpki ?? []), format: "der", type: "spki" });
    assert.equal(keyId, id);
    assert.ok(verify("sha256", plaintext, { key, dsaEncoding: "ieee-p1363" }, bytes));
  });
});

describe("Keyring.unwrapByAny", () => {
  const purposes = { change: { algorithm: "RSA-PKCS1", gracePeriodMs } } as const;
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
    fixture.nowMs += gracePeriodMs;
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

  it("gives new random bytes for a ciphertext that no key opens", async () => {
    const keyring = await startedServer({ purposes });
    const wrapped = randomBytes(256);
    assert.notDeepEqual(await unwrap(keyring, wrapped), await unwrap(keyring, wrapped));
  });

  it("takes a key that another server made just now", async () => {
    const [here, there] = [await startedServer({ purposes }), await startedServer({ purposes })];
    await here.current("change");
    await there.rotate("change");
    fixture.nowMs += 100;
    assert.deepEqual(await unwrap(here, await wrapTo(there)), contentKey);
  });

  it("names the newest key, whichever opens", async () => {
    const keyring = await startedServer({ purposes });
    const older = await wrapTo(keyring);
    const { id } = await keyring.rotate("change");
    for (const wrapped of [older, await wrapTo(keyring), randomBytes(256)])
      assert.equal((await keyring.unwrapByAny("change", wrapped, 32)).keyId, id);
  });

  it("refuses when the lifetime of the last key has ended", async () => {
    const lifetimeMs = 1000;
    const keyring = await startedServer({ purposes: { change: { ...purposes.change, gracePeriodMs: 0, lifetimeMs } } });
    const wrapped = await wrapTo(keyring);
    fixture.nowMs += 2 * 24 * 3_600_000;
    await assert.rejects(keyring.unwrapByAny("change", wrapped, 32), { code: "key_expired" });
  });
});

describe("Keyring.reseal", () => {
  it("re-encrypts with the current key what any other key sealed, a retired one too", async () => {
    const keyring = await startedServer();
    const first = await keyring.seal("session", plaintext, card);
    const { id } = await keyring.rotate("session");
    fixture.nowMs += gracePeriodMs;
    const resealed = await keyring.reseal("session", first, card);
    assert.equal(resealed.keyId, id);
    assert.deepEqual(Buffer.from(await keyring.open("session", resealed, card)), plaintext);
    await assert.rejects(keyring.reseal("session", first, Buffer.from("another")), { code: "decryption_failed" });
    await assert.rejects(keyring.reseal("storage", first, card), { code: "key_unknown" });
  });
});
