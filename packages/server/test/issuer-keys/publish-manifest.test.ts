import assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import { after, before, suite, test } from "node:test";
import { jwkThumbprint, type P256Jwk, p256JwkFromPoint } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { acceptManifest } from "@linchpin/protocols/issuer-keys/device";
import type { Manifest, ManifestKey } from "@linchpin/protocols/issuer-keys/wire";
import { contextOn } from "@linchpin/test-fixtures/issuer/context-on";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { compactVerify } from "jose";
import type { Context } from "../../src/context/context.ts";
import { publishManifest } from "../../src/issuer-keys/index.ts";
import { keyPurposesOf } from "../../src/keys/key-purposes.ts";
import { runMaintenance } from "../../src/maintenance.ts";
import { protocolTable } from "../../src/protocol-table.ts";
import { readSettings } from "../../src/read-settings.ts";

const issuer = "https://issuer.example";
const hourMs = 60 * 60 * 1000;

suite("the key manifest", { timeout: 60_000 }, () => {
  let opened: Awaited<ReturnType<typeof openOwnContext>>;
  let context: Context;
  let now = new Date("2026-11-22T12:00:00Z");

  before(async () => {
    opened = await openOwnContext(() => now, { publicUrl: issuer });
    ({ context } = opened);
    await publishManifest(context);
  });
  after(() => opened.close());

  const rootOf = async (): Promise<P256Jwk> => {
    const { publicKeySpki } = await context.keyring.current("native-root");
    return p256JwkFromPoint((publicKeySpki ?? assert.fail()).subarray(-65));
  };
  const lastJws = async () => ((await context.store.findLastKeyManifest()) ?? assert.fail()).jws;
  const last = async (roots?: P256Jwk[]): Promise<Manifest> =>
    acceptManifest(nodeCryptoPrimitives, await lastJws(), { issuer, roots: roots ?? [await rootOf()], lowestSeq: 0 });
  const listed = async (purpose: string): Promise<ManifestKey[]> =>
    (await last()).keys.filter((key) => key.purpose === purpose);
  const idsOf = (keys: readonly ManifestKey[]) => keys.map(({ kid }) => kid);

  test("is verified by jose, and names every key of the issuer's that is public", async () => {
    const root = await rootOf();
    const { protectedHeader } = await compactVerify(
      await lastJws(),
      createPublicKey({ key: { ...root }, format: "jwk" }),
    );
    assert.deepEqual(protectedHeader, {
      alg: "ES256",
      typ: "jwk-set+jwt",
      kid: await jwkThumbprint(nodeCryptoPrimitives, root),
    });
    const { keys, ...claims } = await last();
    const iat = now.getTime() / 1000;
    assert.deepEqual(claims, { iss: issuer, sub: issuer, iat, exp: iat + 24 * 3600, seq: iat });
    const current = (await context.keyring.list()).filter(({ publicKeySpki }) => publicKeySpki !== null);
    assert.deepEqual(keys.map(({ purpose }) => purpose).sort(), current.map(({ purpose }) => purpose).sort());
    const [pinKey] = await listed("solaris-pin");
    const record = await context.keyring.current("solaris-pin");
    assert.deepEqual([pinKey?.kid, pinKey?.alg, pinKey?.use], [record.id, "RSA-OAEP-256", "enc"]);
    assert.deepEqual([pinKey?.nbf, pinKey?.exp], [(record.currentFrom?.getTime() ?? 0) / 1000, claims.exp]);
  });

  test("lists no key of a protocol that is turned off", async () => {
    const settings = { ...opened.settings, enabledProtocols: ["adyen"] };
    const adyenAlone = await contextOn(context.store, settings, () => now);
    try {
      await publishManifest(adyenAlone.context);
      const purposes = (await last()).keys.map(({ purpose }) => purpose);
      assert.ok(purposes.includes("adyen-pin-change") && purposes.includes("solaris-pin"), String(purposes));
      assert.ok(!purposes.includes("stripe-pin") && !purposes.includes("venly"), String(purposes));
    } finally {
      await adyenAlone.close();
    }
    await publishManifest(context);
    assert.equal((await listed("stripe-pin")).length, 1);
  });

  test("stays as it is while nothing changes, on however many servers", async () => {
    const before = await lastJws();
    await Promise.all([1, 2, 3].map(() => publishManifest(context)));
    await runMaintenance(context, "sandbox");
    assert.equal(await lastJws(), before);
  });

  test("lists the pending key before it becomes current, and the one before until its end", async () => {
    const first = await context.keyring.current("solaris-pin");
    const { seq } = await last();
    now = new Date(now.getTime() + 1000);
    const pending = await context.keyring.make("solaris-pin");
    assert.deepEqual(idsOf(await listed("solaris-pin")), [pending.id, first.id]);
    assert.ok((await last()).seq > seq);
    await context.keyring.rotate("solaris-pin");
    const [current, former] = await listed("solaris-pin");
    assert.deepEqual([current?.kid, former?.kid], [pending.id, first.id]);
    assert.equal(former?.exp, now.getTime() / 1000 + 24 * 3600);
  });

  test("lists of a purpose three keys at most", async () => {
    for (let times = 0; times < 4; times++) await context.keyring.rotate("venly");
    const next = await context.keyring.make("venly");
    const keys = await listed("venly");
    assert.equal(keys.length, 3);
    assert.equal(keys[0]?.kid, next.id);
    assert.ok((await lastJws()).length < 16_384);
  });

  test("no longer lists a key that was retired, in the same step", async () => {
    const [, former] = await listed("solaris-pin");
    await context.keyring.retire(former?.kid ?? "");
    assert.equal((await listed("solaris-pin")).length, 1);
  });

  test("does not change with a key that is not public", async () => {
    const before = await lastJws();
    await context.keyring.rotate("card-pin");
    assert.equal(await lastJws(), before);
  });

  test("is renewed when half its life is over", async () => {
    const before = await last();
    now = new Date((before.iat + 1) * 1000 + 11 * hourMs);
    await runMaintenance(context, "sandbox");
    assert.equal((await last()).seq, before.seq);
    now = new Date((before.iat + 1) * 1000 + 12 * hourMs);
    await runMaintenance(context, "sandbox");
    const renewed = await last();
    assert.ok(renewed.seq > before.seq);
    assert.equal(renewed.exp, now.getTime() / 1000 + 24 * 3600);
  });

  test("counts on while the clock is set back, and beyond what a backup had when it is restored", async () => {
    const before = await last();
    now = new Date(now.getTime() - 400 * 24 * hourMs);
    await context.keyring.make("adyen-pin-change");
    assert.equal((await last()).seq, before.seq + 1);
    now = new Date(now.getTime() + 800 * 24 * hourMs);
    await runMaintenance(context, "sandbox");
    assert.ok((await last()).seq >= Math.floor(now.getTime() / 1000));
  });

  test("of two servers that make keys at once, the last one names them all", async () => {
    const purposes = ["adyen-pin-reveal", "adyen-pan-reveal", "venly-assertion"];
    const made = await Promise.all(purposes.map((purpose) => context.keyring.make(purpose)));
    const ids = idsOf((await last()).keys);
    for (const { id } of made) assert.ok(ids.includes(id));
  });

  test("announces the next root, signed by the one before, and is then signed by it", async () => {
    const former = await rootOf();
    await context.keyring.make("native-root");
    const announced = (await last([former])).keys.filter(({ purpose }) => purpose === "native-root");
    assert.equal(announced.length, 2);
    assert.equal(announced[1]?.kid, await jwkThumbprint(nodeCryptoPrimitives, former));
    await context.keyring.rotate("native-root");
    const next = await rootOf();
    assert.equal(announced[0]?.kid, await jwkThumbprint(nodeCryptoPrimitives, next));
    assert.equal((await last([next])).iss, issuer);
    await assert.rejects(last([former]), { code: "manifest_refused" });
  });
});

test("the root is never rotated by schedule", () => {
  const settings = readSettings({ LINCHPIN_MODE: "sandbox", LINCHPIN_KEY_ROTATION: "native-root=90d" });
  assert.throws(() => keyPurposesOf(protocolTable, settings), { code: "settings_invalid" });
});
