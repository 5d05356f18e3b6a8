import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { after, before, suite, test } from "node:test";
import type { Store } from "@linchpin/store";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import type { KeyRecord } from "@linchpin/vault";
import { publishManifest } from "../../src/issuer-keys/index.ts";
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
    (await opened.context.store.listKeys()).filter(({ publicKeySpki }) => publicKeySpki !== null);
  const lastJws = async () => ((await opened.context.store.findLastKeyManifest()) ?? assert.fail()).jws;
  const putInto = (id: string) => {
    alter = (record) => (record.id === id ? { ...record, publicKeySpki: theirsInPlaceOf(record) } : record);
    server.context.keyring.forget();
  };

  test("is signed for by no root: the list stays as it was, whichever key it is", async () => {
    const before = await lastJws();
    for (const { id } of await records()) {
      putInto(id);
      await assert.rejects(publishManifest(server.context), {
        code: "settings_invalid",
        reason: new RegExp(`key ${id} is not of the private half`),
      });
      await runMaintenance(server.context, "sandbox");
      assert.equal(await lastJws(), before);
    }
  });

  test("is told to the operator by the log, which names the key", async () => {
    const [{ id = "" } = {}] = await records();
    putInto(id);
    const told: string[] = [];
    const log = { ...server.context.log, error: ({ err }: { err: { reason: string } }) => told.push(err.reason) };
    await runMaintenance({ ...server.context, log } as unknown as typeof server.context, "sandbox");
    assert.ok(
      told.some((reason) => reason.includes(id) && reason.includes("Restore the record from a backup")),
      `${told}`,
    );
  });

  test("keeps a server from starting, before it listens where the key is the current one", async () => {
    for (const { id, purpose } of await records()) {
      if ((await opened.context.keyring.current(purpose)).id !== id) continue;
      putInto(id);
      await assert.rejects(server.context.keyring.ensure(), { code: "settings_invalid", reason: new RegExp(id) });
    }
  });

  test("once the record is as it was, is published no more than before, and the list goes on", async () => {
    alter = (record) => record;
    server.context.keyring.forget();
    const before = await lastJws();
    const { id } = await server.context.keyring.make("venly");
    assert.notEqual(await lastJws(), before);
    assert.ok(Buffer.from((await lastJws()).split(".")[1] ?? "", "base64url").includes(id));
  });
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
  const isOfCurve = algorithm === "ES256" || algorithm === "HPKE-7";
  return (isOfCurve ? theirs.ec : theirs.rsa).export({ format: "der", type: "spki" });
}

const theirs: { readonly ec: KeyObject; readonly rsa: KeyObject } = {
  ec: generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
};
