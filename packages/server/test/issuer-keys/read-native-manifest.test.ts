import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { type P256Jwk, p256JwkFromPoint } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { acceptManifest } from "@linchpin/protocols/issuer-keys/device";
import type { KeyManifest } from "@linchpin/store";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { compactVerify } from "jose";
import type { Context } from "../../src/context/context.ts";
import { publishManifest, readNativeManifest } from "../../src/issuer-keys/index.ts";

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

  /** What reads from a store of its own, which holds the whole one, and by this keyring. */
  function reader(keyring: Partial<Context["keyring"]> = {}) {
    let signatures = 0;
    const counting = {
      current: (purpose: string) => context.keyring.current(purpose),
      sign: (purpose: string, data: Uint8Array) => {
        signatures++;
        return context.keyring.sign(purpose, data);
      },
      ...keyring,
    };
    const own = {
      store: { findLastKeyManifest: async () => ({ ...whole }) },
      keyring: counting,
      primitives: nodeCryptoPrimitives,
    } as unknown as Context;
    return { read: () => readNativeManifest(own, whole), signatures: () => signatures };
  }

  test("is verified by jose, has what the whole one has, and no other key", async () => {
    const { seq, jws } = await reader().read();
    const root = await rootOf();
    const verified = await compactVerify(jws, createPublicKey({ key: { ...root }, format: "jwk" }));
    const terms = { issuer, roots: [root], lowestSeq: whole.seq };
    const [native, all] = [
      await acceptManifest(nodeCryptoPrimitives, jws, terms),
      await acceptManifest(nodeCryptoPrimitives, whole.jws, terms),
    ];
    assert.equal(seq, whole.seq);
    assert.equal(verified.protectedHeader.typ, "jwk-set+jwt");
    assert.deepEqual({ ...native, keys: [] }, { ...all, keys: [] });
    assert.deepEqual(
      native.keys,
      all.keys.filter(({ purpose }) => ["native-root", "native-hpke", "native-signing"].includes(purpose)),
    );
    assert.equal(new Set(native.keys.map(({ purpose }) => purpose)).size, 3);
    assert.ok(jws.length < whole.jws.length / 3, `${jws.length} of ${whole.jws.length}`);
  });

  test("is signed once, however many ask for it at once and later", async () => {
    const { read, signatures } = reader();
    const texts = await Promise.all([read(), read(), read()]);
    texts.push(await read());
    assert.equal(new Set(texts.map(({ jws }) => jws)).size, 1);
    assert.equal(signatures(), 1);
  });

  test("the whole one stands in for it where the root was changed, is changed just now, or does not sign", async () => {
    const other = await context.keyring.current("native-signing");
    const { jws } = whole;
    for (const keyring of [
      { current: async () => other },
      { sign: async () => ({ keyId: "another", bytes: new Uint8Array(64) }) },
      { sign: () => Promise.reject(new Error("the token is gone")) },
    ])
      assert.deepEqual(await reader(keyring).read(), { seq: whole.seq, jws });
  });

  test("there is none before a manifest is published", async () => {
    await assert.rejects(readNativeManifest(context, null), { code: "unavailable" });
  });
});
