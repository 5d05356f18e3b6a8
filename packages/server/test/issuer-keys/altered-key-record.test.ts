import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { jwkThumbprint, p256JwkFromPoint } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { isNamedByThumbprint } from "@linchpin/protocols/issuer-keys/issuer";
import type { Store } from "@linchpin/store";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import type { KeyRecord, ListedKey } from "@linchpin/vault";
import { publishManifest } from "../../src/issuer-keys/index.ts";
import { contentOf } from "../../src/issuer-keys/signed-manifest.ts";
import { provenPublicHalf } from "../../src/keys/index.ts";
import { runMaintenance } from "../../src/maintenance.ts";

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
  const listedIds = async () => {
    const { keys } = contentOf(await lastManifest()).manifest;
    return keys.filter(({ purpose }) => !isNamedByThumbprint(purpose)).map(({ kid }) => kid);
  };
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

  test("is signed for by no root: the list stays as it was, whichever current or pending key it is", async () => {
    const before = await lastManifest();
    for (const { id, state } of await records()) {
      if (state === "accepted") continue;
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
    assert.ok((await listedIds()).includes(id));
    putInto(id);
    await publishManifest(server.context);
    assert.ok(!(await listedIds()).includes(id));
    putBack();
    await publishManifest(server.context);
    assert.ok((await listedIds()).includes(id));
  });

  test("is noticed too where the last list was replaced by one that names it", async () => {
    const { id, kid } = await thumbprintsOfPendingRoot();
    const last = await lastManifest();
    const [header, payload = "", signature] = last.jws.split(".");
    const theirKid = await jwkThumbprint(nodeCryptoPrimitives, p256JwkFromPoint(theirSpki("ec").subarray(-65)));
    const replaced = Buffer.from(payload, "base64url").toString().replace(kid, theirKid);
    assert.ok(replaced.includes(theirKid));
    const jws = [header, Buffer.from(replaced).toString("base64url"), signature].join(".");
    putInto(id);
    const store = new Proxy(server.context.store, {
      get: (target, name) =>
        name === "findLastKeyManifest" ? async () => ({ ...last, jws }) : Reflect.get(target, name, target),
    });
    await assert.rejects(publishManifest({ ...server.context, store }), isNotProven(id));
    putBack();
  });

  test("is told by no operator's answer; of each other key the public half is told", async () => {
    const { id } = await opened.context.keyring.current("native-root");
    const told = async () => {
      const keys = await server.context.keyring.list(0);
      const halves = keys.map(async (key) => [key.id, await provenPublicHalf(server.context, key, key.state)] as const);
      return (await Promise.all(halves)).filter(([, half]) => half !== null).map(([keyId]) => keyId);
    };
    putInto(id);
    const all = (await records()).map((key) => key.id);
    assert.deepEqual((await told()).toSorted(), all.filter((each) => each !== id).toSorted());
    putBack();
    assert.deepEqual((await told()).toSorted(), all.toSorted());
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

  /** With the thumbprint by which a list names it. */
  async function thumbprintsOfPendingRoot(): Promise<{ id: string; kid: string }> {
    const isPendingRoot = ({ purpose, state }: ListedKey) => purpose === "native-root" && state === "pending";
    const { id, publicKeySpki } = (await records()).find(isPendingRoot) ?? assert.fail();
    const jwk = p256JwkFromPoint((publicKeySpki ?? assert.fail()).subarray(-65));
    return { id, kid: await jwkThumbprint(nodeCryptoPrimitives, jwk) };
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
