import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { base64FromBytes, jwkThumbprint, LinchpinError, p256JwkFromPoint } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { listKey } from "@linchpin/protocols/issuer-keys/issuer";
import type { Store } from "@linchpin/store";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import type { KeyRecord, ListedKey } from "@linchpin/vault";
import fastify from "fastify";
import { issuerKeys } from "../../src/admin/keys.ts";
import { publishManifest } from "../../src/issuer-keys/index.ts";
import { contentOf } from "../../src/issuer-keys/signed-manifest.ts";
import { runMaintenance } from "../../src/maintenance.ts";
import { assertionKeys } from "../../src/protocols/venly/protected-requests/sign-assertion.ts";

const issuer = "https://issuer.example";

suite("a public key that somebody put into the record of an issuer's key", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let server: Awaited<ReturnType<typeof contextOn>>;
  /** What a server reads in place of what is stored. */
  let alter: (record: KeyRecord) => KeyRecord = (record) => record;

  before(async () => {
    opened = await openOwnContext(() => new Date(), { publicUrl: issuer });
    const { store } = opened.context;
    await opened.context.keyring.make("native-root");
    server = await contextOn(
      whoseKeysRead(store, (records) => records.map((record) => alter(record))),
      opened.settings,
    );
    await publishManifest(server.context);
  });
  after(async () => {
    await server.close();
    await opened.close();
  });

  const records = async () =>
    (await opened.context.keyring.list(0)).filter(({ publicKeySpki }) => publicKeySpki !== null);
  const lastManifest = async () => (await opened.context.store.findLastKeyManifest()) ?? assert.fail();
  const listedKids = async () => contentOf(await lastManifest()).manifest.keys.map(({ kid }) => kid);
  const kidOf = (spki: Uint8Array | null) =>
    jwkThumbprint(nodeCryptoPrimitives, p256JwkFromPoint((spki ?? assert.fail()).subarray(-65)));
  const putInto = (id: string, publicKeySpki?: Uint8Array | null) => {
    alter = (record) =>
      record.id === id
        ? { ...record, publicKeySpki: publicKeySpki === undefined ? theirsInPlaceOf(record) : publicKeySpki }
        : record;
    server.context.keyring.forget();
  };
  const putBack = () => {
    alter = (record) => record;
    server.context.keyring.forget();
  };
  const isNotProven = (id: string) => ({
    code: "settings_invalid",
    reason: new RegExp(`key ${id} is not of the private half`),
  });

  test("is signed for by no root where the key is a current one: the list stays as it was", async () => {
    const before = await lastManifest();
    for (const { id, state } of await records()) {
      if (state !== "current") continue;
      for (const inItsPlace of [undefined, null]) {
        putInto(id, inItsPlace);
        await assert.rejects(publishManifest(server.context), isNotProven(id));
        await runMaintenance(server.context, "sandbox");
        assert.deepEqual(await lastManifest(), before);
      }
    }
    putBack();
  });

  test("is left out where the key is an earlier one, and is listed again once the record is as it was", async () => {
    const { id } = await opened.context.keyring.current("venly");
    await opened.context.keyring.rotate("venly");
    putBack();
    await publishManifest(server.context);
    assert.ok((await listedKids()).includes(id));
    putInto(id);
    await publishManifest(server.context);
    assert.ok(!(await listedKids()).includes(id));
    putBack();
    await publishManifest(server.context);
    assert.ok((await listedKids()).includes(id));
  });

  test("keeps the list as it was where the vault of an earlier key does not answer", async () => {
    const [earlier] = (await records()).filter(({ state }) => state === "accepted");
    const { keyring } = server.context;
    const unavailable = new LinchpinError("unavailable");
    const away = {
      list: (maxAgeMs: number) => keyring.list(maxAgeMs),
      uses: (purpose: string) => keyring.uses(purpose),
      prove: (key: KeyRecord) => (key.id === earlier?.id ? Promise.reject(unavailable) : keyring.prove(key)),
    };
    await assert.rejects(publishManifest({ ...server.context, keyring: away as typeof keyring }), unavailable);
  });

  test("is left out where the key is a pending one, in whose place the next one is made", async () => {
    const before = await listedKids();
    const pending = await pendingRoot();
    const kid = await kidOf(pending.publicKeySpki);
    assert.ok(before.includes(kid));
    putInto(pending.id);
    await publishManifest(server.context);
    assert.deepEqual(
      await listedKids(),
      before.filter((each) => each !== kid),
    );
    const next = await server.context.keyring.make("native-root");
    assert.equal(next.version, pending.version + 1);
    const after = await listedKids();
    assert.ok(after.includes(await kidOf(next.publicKeySpki)));
    assert.ok(!after.includes(await kidOf(theirSpki("ec"))));
    putBack();
  });

  test("is left out of a symmetric key's record that was made a pending root", async () => {
    const symmetric = await opened.context.keyring.current("card-pin");
    const root = await pendingRoot();
    const asRoot = { purpose: root.purpose, version: root.version + 1, currentFrom: null, acceptedUntil: null };
    alter = (record) =>
      record.id === symmetric.id ? { ...record, ...asRoot, publicKeySpki: theirSpki("ec") } : record;
    server.context.keyring.forget();
    await publishManifest(server.context);
    assert.ok(!(await listedKids()).includes(await kidOf(theirSpki("ec"))));
    assert.equal((await told()).get(symmetric.id), null);
    putBack();
  });

  test("is noticed too where the last list was replaced by one that names it", async () => {
    const key = await server.context.keyring.current("solaris-pin");
    const last = await lastManifest();
    const { manifest } = contentOf(last);
    const { alg, use } = manifest.keys.find(({ kid }) => kid === key.id) ?? assert.fail();
    const terms = { spki: theirSpki("rsa"), from: key.currentFrom ?? key.createdAt, until: key.acceptedUntil };
    const { id, purpose } = key;
    const theirs = await listKey(nodeCryptoPrimitives, { id, purpose, alg, use, ...terms }, manifest.exp);
    const keys = manifest.keys.map((listed) => (listed.kid === id ? theirs : listed));
    const [header, , signature] = last.jws.split(".");
    const jws = [header, Buffer.from(JSON.stringify({ ...manifest, keys })).toString("base64url"), signature].join(".");
    putInto(id);
    const store = new Proxy(server.context.store, {
      get: (target, name) =>
        name === "findLastKeyManifest" ? async () => ({ ...last, jws }) : Reflect.get(target, name, target),
    });
    await assert.rejects(publishManifest({ ...server.context, store }), isNotProven(id));
    putBack();
  });

  test("is told by no answer to an operator, nor to Venly's upstream; of each other key the public half is told", async () => {
    const all = await records();
    for (const purpose of ["native-root", "venly-assertion"]) {
      const { id, publicKeySpki } = await opened.context.keyring.current(purpose);
      assert.equal((await told()).get(id), base64FromBytes(publicKeySpki ?? assert.fail()));
      putInto(id);
      const answer = await told();
      for (const key of all)
        assert.equal(answer.get(key.id), key.id === id ? null : base64FromBytes(key.publicKeySpki ?? assert.fail()));
      assert.equal((await ask(`/keys/${id}`)).publicKey, null);
      const { keys } = await assertionKeys(server.context);
      assert.equal(keys.length, purpose === "venly-assertion" ? 0 : 1);
      putBack();
    }
  });

  test("is told to the operator by the log, which names the key", async () => {
    const { id } = await opened.context.keyring.current("solaris-pin");
    putInto(id);
    const told: string[] = [];
    const log = { ...server.context.log, error: ({ err }: { err: { reason: string } }) => told.push(err.reason) };
    await runMaintenance({ ...server.context, log } as unknown as typeof server.context, "sandbox");
    assert.ok(
      told.some((reason) => reason.includes(id) && reason.includes("Restore the record from a backup")),
      `${told}`,
    );
    putBack();
  });

  test("keeps a server from starting, before it listens where the key is the current one", async () => {
    for (const { id, purpose } of await records()) {
      if ((await opened.context.keyring.current(purpose)).id !== id) continue;
      putInto(id);
      await assert.rejects(server.context.keyring.ensure(), { code: "settings_invalid", reason: new RegExp(id) });
    }
    putBack();
  });

  async function pendingRoot(): Promise<ListedKey> {
    const isPendingRoot = ({ purpose, state }: ListedKey) => purpose === "native-root" && state === "pending";
    return (await records()).find(isPendingRoot) ?? assert.fail();
  }

  /** The public keys of `GET /keys`, by id. */
  async function told(): Promise<Map<string, string | null>> {
    const keys: { id: string; publicKey: string | null }[] = await ask("/keys");
    return new Map(keys.map(({ id, publicKey }) => [id, publicKey]));
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the issuer's API answers
  async function ask(path: string): Promise<any> {
    const app = fastify();
    await app.register(issuerKeys, { context: server.context });
    const answer = await app.inject(path);
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  }
});

/** The store but for what is read of keys, as after somebody wrote to the database. */
function whoseKeysRead(store: Store, altered: (records: KeyRecord[]) => KeyRecord[]): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "listKeys") return async () => altered(await target.listKeys());
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** A key of the same kind. */
function theirsInPlaceOf({ algorithm }: KeyRecord): Uint8Array {
  return theirSpki(algorithm === "ES256" || algorithm === "HPKE-7" ? "ec" : "rsa");
}

function theirSpki(kind: "ec" | "rsa"): Uint8Array {
  return theirs[kind].export({ format: "der", type: "spki" });
}

const theirs: { readonly ec: KeyObject; readonly rsa: KeyObject } = {
  ec: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
};
