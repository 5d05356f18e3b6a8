import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { suite, test } from "node:test";
import { jwkThumbprint, type P256Jwk, rsaJwkFromKey, signJws } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { webCryptoPrimitives } from "@linchpin/core/webcrypto";
import { acceptManifest, checkListedRsaKey, findListedKey } from "@linchpin/protocols/issuer-keys/device";
import type { Manifest } from "@linchpin/protocols/issuer-keys/wire";
import { CompactSign } from "jose";

const issuer = "https://issuer.example";
const now = 1_800_000_000;
const root = generateKeyPairSync("ec", { namedCurve: "P-256" });
const otherRoot = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const jwkOf = (key: KeyObject) => key.export({ format: "jwk" }) as unknown as P256Jwk;
const spkiOf = (key: KeyObject) => Uint8Array.from(key.export({ format: "der", type: "spki" }));
const rsaJwk = rsaJwkFromKey({ spki: spkiOf(rsa) });
const listed = { kid: "rsa-1", ...rsaJwk, alg: "RSA-OAEP-256", use: "enc", purpose: "solaris-pin" } as const;
const manifest: Manifest = {
  iss: issuer,
  sub: issuer,
  iat: now - 60,
  exp: now + 3600,
  seq: 7,
  keys: [{ ...listed, nbf: now - 60, exp: now + 3600 }],
};
const pins = { issuer, roots: [jwkOf(root.publicKey)], lowestSeq: 7 };
const thumbprintOf = (key: KeyObject) => jwkThumbprint(nodeCryptoPrimitives, jwkOf(key));

async function signed(payload: object = manifest, key = root, header: { typ?: string; kid?: string } = {}) {
  return signJws({ typ: "jwk-set+jwt", kid: await thumbprintOf(key.publicKey), payload, ...header }, async (data) =>
    Uint8Array.from(sign("sha256", data, { key: key.privateKey, dsaEncoding: "ieee-p1363" })),
  );
}

for (const [name, primitives] of Object.entries({
  "node:crypto": nodeCryptoPrimitives,
  WebCrypto: webCryptoPrimitives,
}))
  suite(`a manifest on ${name}`, () => {
    test("signed by jose with a pinned root is accepted, whatever else it says", async () => {
      const payload = Buffer.from(JSON.stringify({ ...manifest, metadata: { later: true } }));
      const header = { alg: "ES256", typ: "jwk-set+jwt", kid: await thumbprintOf(root.publicKey) };
      const compact = await new CompactSign(payload).setProtectedHeader(header).sign(root.privateKey);
      assert.deepEqual(await acceptManifest(primitives, compact, pins), manifest);
    });

    test("by any of several pinned roots is accepted", async () => {
      const roots = [jwkOf(otherRoot.publicKey), jwkOf(root.publicKey)];
      for (const key of [root, otherRoot])
        assert.deepEqual(await acceptManifest(primitives, await signed(manifest, key), { ...pins, roots }), manifest);
    });

    test("refused: another root, another issuer, an earlier number, another type, no JWS", async () => {
      const refused: unknown[] = [
        await signed(manifest, otherRoot),
        await signed(manifest, otherRoot, { kid: await thumbprintOf(root.publicKey) }),
        await signed(manifest, root, { kid: await thumbprintOf(otherRoot.publicKey) }),
        await signed(manifest, root, { typ: "JWT" }),
        await signed(manifest, root, { typ: "linchpin-session+jwt" }),
        await signed({ ...manifest, iss: "https://other.example", sub: "https://other.example" }),
        await signed({ ...manifest, sub: "https://other.example" }),
        await signed({ ...manifest, iss: undefined }),
        await signed({ ...manifest, seq: 6 }),
        await signed({ ...manifest, seq: "8" }),
        await signed({ ...manifest, seq: 8.5 }),
        await signed({ ...manifest, exp: undefined }),
        await signed({ ...manifest, iat: null }),
        await signed({ ...manifest, keys: {} }),
        await signed({ ...manifest, padding: "x".repeat(40_000) }),
        `${await signed()}.`,
        (await signed()).replace(/.$/, (last) => (last === "A" ? "B" : "A")),
        "",
        undefined,
        null,
        {},
        manifest,
      ];
      for (const compact of refused)
        await assert.rejects(acceptManifest(primitives, compact, pins), { code: "manifest_refused" });
      await assert.rejects(acceptManifest(primitives, await signed(), { ...pins, roots: [] }), {
        code: "manifest_refused",
      });
    });

    test("a root that a manifest lists is not trusted for it", async () => {
      const announced = {
        kid: await thumbprintOf(otherRoot.publicKey),
        ...jwkOf(otherRoot.publicKey),
        ...{ alg: "ES256", use: "sig", purpose: "native-root", nbf: now - 60, exp: now + 3600 },
      };
      const accepted = await acceptManifest(primitives, await signed({ ...manifest, keys: [announced] }), pins);
      assert.equal(accepted.keys.length, 1);
      await assert.rejects(acceptManifest(primitives, await signed(manifest, otherRoot), pins), {
        code: "manifest_refused",
      });
    });
  });

suite("a key", () => {
  const claim = { purpose: "solaris-pin", alg: "RSA-OAEP-256" };
  const check = (of: Pick<Manifest, "iat" | "exp" | "keys">, more: object = {}, nowSeconds = now) =>
    checkListedRsaKey(nodeCryptoPrimitives, of, { ...claim, key: { spki: spkiOf(rsa) }, ...more }, nowSeconds);
  const withKey = (members: object) => ({ ...manifest, keys: [{ ...manifest.keys[0], ...members } as never] });

  test("that is listed is vouched for, as JWK and as SPKI, whatever its id and its own alg", async () => {
    await check(manifest);
    await check(manifest, { key: { n: rsaJwk.n, e: rsaJwk.e } });
    await check(withKey({ kid: "another" }));
    assert.equal(findListedKey(manifest, { kid: "rsa-1", ...claim }, now).kty, "RSA");
  });

  test("that is not listed for this purpose, this algorithm and this time is refused", async () => {
    const unvouched: (() => Promise<void>)[] = [
      () => check({ ...manifest, keys: [] }),
      () => check(manifest, { key: { spki: spkiOf(otherRsa) } }),
      () => check(manifest, { purpose: "adyen-pin-change" }),
      () => check(manifest, { alg: "RSA1_5" }),
      () => check(withKey({ alg: "RS256" })),
      () => check(withKey({ nbf: now + 1 })),
      () => check(withKey({ exp: now })),
      () => check(withKey({ exp: undefined })),
      () => check({ ...withKey({ nbf: "0" }), iat: -1 }, {}, -1),
      () => check(withKey({ kty: "EC" })),
      () => check(withKey({ n: rsaJwkFromKey({ spki: spkiOf(otherRsa) }).n })),
      () => check({ ...manifest, keys: [null as never] }),
    ];
    for (const [index, checking] of unvouched.entries())
      await assert.rejects(checking, { code: "issuer_key_unvouched" }, `${index}`);
    for (const wrong of [{ kid: "rsa-2" }, { purpose: "venly" }, { alg: "RSA1_5" }])
      assert.throws(() => findListedKey(manifest, { kid: "rsa-1", ...claim, ...wrong }, now), {
        code: "issuer_key_unvouched",
      });
  });

  test("is found by a clock that is behind, from when the manifest was made", async () => {
    await check(withKey({ nbf: manifest.iat }), {}, 0);
    await assert.rejects(check(withKey({ nbf: manifest.iat + 1 }), {}, 0), { code: "issuer_key_unvouched" });
  });

  test("is refused by a manifest whose time is over", async () => {
    for (const time of [manifest.exp, manifest.exp + 1, Number.NaN]) {
      await assert.rejects(check(manifest, {}, time), { code: "manifest_expired" });
      assert.throws(() => findListedKey(manifest, { kid: "rsa-1", ...claim }, time), { code: "manifest_expired" });
    }
    await check(manifest, {}, manifest.exp - 1);
  });

  test("that is weak is refused, listed or not", async () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    const { n = "" } = short.export({ format: "jwk" });
    const weak = [
      { n, e: "AQAB" },
      { n: rsaJwk.n, e: "Aw" },
      { n: rsaJwk.n, e: "AQAC" },
    ];
    for (const key of weak) await assert.rejects(check(withKey(key), { key }), { code: "public_key_unusable" });
  });
});
