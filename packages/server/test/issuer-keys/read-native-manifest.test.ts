import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { jwkThumbprint, type P256Jwk, p256JwkFromPoint } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { acceptManifest } from "@linchpin/protocols/issuer-keys/device";
import { signManifest } from "@linchpin/protocols/issuer-keys/issuer";
import type { KeyManifest } from "@linchpin/store";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { until } from "@linchpin/test-fixtures/system/until";
import type { KeyRecord } from "@linchpin/vault";
import { compactVerify } from "jose";
import type { Context } from "../../src/context/context.ts";
import { publishManifest, readNativeManifest } from "../../src/issuer-keys/index.ts";
import { contentOf } from "../../src/issuer-keys/signed-manifest.ts";

const issuer = "https://issuer.example";

suite("the manifest of native keys alone", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let context: Context;
  let whole: KeyManifest;

  before(async () => {
    opened = await openOwnContext(() => new Date("2026-11-30T12:00:00Z"), { publicUrl: issuer });
    ({ context } = opened);
    whole = (await publishManifest(context)) ?? assert.fail();
  });
  after(() => opened.close());

  const rootOf = async (): Promise<P256Jwk> => {
    const { publicKeySpki } = await context.keyring.current("native-root");
    return p256JwkFromPoint((publicKeySpki ?? assert.fail()).subarray(-65));
  };

  /** What reads this manifest from a store of its own, and signs by this keyring. */
  function reader({ manifest = whole, ...keyring }: Partial<Context["keyring"]> & { manifest?: KeyManifest } = {}) {
    const told = { signatures: 0, warnings: 0 };
    const own = {
      store: { findLastKeyManifest: async () => ({ ...manifest }) },
      keyring: {
        current: (purpose: string) => context.keyring.current(purpose),
        prove: (key: KeyRecord) => context.keyring.prove(key),
        sign: (purpose: string, data: Uint8Array) => {
          told.signatures++;
          return context.keyring.sign(purpose, data);
        },
        ...keyring,
      },
      primitives: nodeCryptoPrimitives,
      log: { warn: () => told.warnings++ },
    } as unknown as Context;
    const read = async () => (await readNativeManifest(own, manifest, 1)).jws;
    return { read, told, signed: () => until(async () => (await read()) !== manifest.jws) };
  }

  test("is verified by jose, has what the whole one has, and no other key", async () => {
    const { read, signed } = reader();
    await signed();
    const [jws, root] = [await read(), await rootOf()];
    const verified = await compactVerify(jws, createPublicKey({ key: { ...root }, format: "jwk" }));
    const terms = { issuer, roots: [root], lowestSeq: whole.seq };
    const [native, all] = [
      await acceptManifest(nodeCryptoPrimitives, jws, terms),
      await acceptManifest(nodeCryptoPrimitives, whole.jws, terms),
    ];
    assert.equal(verified.protectedHeader.typ, "jwk-set+jwt");
    assert.deepEqual({ ...native, keys: [] }, { ...all, keys: [] });
    assert.deepEqual(
      native.keys,
      all.keys.filter(({ purpose }) => ["native-root", "native-hpke", "native-signing"].includes(purpose)),
    );
    assert.equal(new Set(native.keys.map(({ purpose }) => purpose)).size, 3);
    assert.ok(jws.length < whole.jws.length / 3, `${jws.length} of ${whole.jws.length}`);
  });

  test("is signed once, however many ask for it at once and later, and none waits for it", async () => {
    const { read, told, signed } = reader();
    assert.deepEqual(await Promise.all([read(), read(), read()]), [whole.jws, whole.jws, whole.jws]);
    await signed();
    assert.equal(await read(), await read());
    assert.deepEqual(told, { signatures: 1, warnings: 0 });
    const { read: readWithout } = reader({ sign: () => new Promise(() => {}) });
    assert.deepEqual([await readWithout(), await readWithout()], [whole.jws, whole.jws]);
  });

  test("is tried again where the root was changed just now, or did not sign; each time the log says so", async () => {
    const other = await context.keyring.current("native-signing");
    const failures: Partial<Context["keyring"]>[] = [
      { current: async () => other },
      { sign: async () => ({ keyId: "another", bytes: new Uint8Array(64) }) },
      { sign: () => Promise.reject(new Error("the token is gone")) },
    ];
    for (const failure of failures) {
      let isFailing = true;
      const keyring = Object.fromEntries(
        Object.entries(failure).map(([name, fail]) => {
          const work = context.keyring[name as "sign"].bind(context.keyring);
          return [name, (...given: Parameters<typeof work>) => (isFailing ? (fail as typeof work) : work)(...given)];
        }),
      );
      const { read, told, signed } = reader(keyring);
      await until(async () => (await read()) === whole.jws && told.warnings > 1);
      isFailing = false;
      await signed();
    }
  });

  test("is never made of a list that the root did not sign, as who can write to the database puts one there", async () => {
    const [header, , signature] = whole.jws.split(".");
    const { manifest } = contentOf(whole);
    const keys = manifest.keys.map((key) => ({ ...key, exp: key.exp + 3600 }));
    const payload = Buffer.from(JSON.stringify({ ...manifest, keys })).toString("base64url");
    const jws = [header, payload, signature].join(".");
    const { read, told } = reader({ manifest: { ...whole, jws } });
    await until(async () => (await read()) === jws && told.warnings > 1);
    assert.equal(told.signatures, 0);
  });

  test("is signed by no root whose own record was altered too, and no device takes the list of whoever did so", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const forged = { ...(await context.keyring.current("native-root")) };
    forged.publicKeySpki = publicKey.export({ format: "der", type: "spki" });
    const { manifest } = contentOf(whole);
    const listAs = async (root: P256Jwk) => {
      const kid = await jwkThumbprint(nodeCryptoPrimitives, root);
      return signManifest(manifest, kid, async (data) =>
        sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }),
      );
    };
    const theirs = p256JwkFromPoint(forged.publicKeySpki.subarray(-65));
    const roots = [await rootOf()];
    for (const root of [theirs, await rootOf()]) {
      const own = { ...whole, jws: await listAs(root) };
      const { read, told } = reader({ manifest: own, current: async () => forged });
      await until(async () => (await read()) === own.jws && told.warnings > 1);
      assert.equal(told.signatures, 0);
      const refused = acceptManifest(nodeCryptoPrimitives, await read(), { issuer, roots, lowestSeq: 0 });
      await assert.rejects(refused, { code: "manifest_refused" });
    }
  });

  test("there is none before a manifest is published", async () => {
    await assert.rejects(readNativeManifest(context, null), { code: "unavailable" });
  });
});
