import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { bytesFromHex, hexFromBytes, LinchpinError, type Primitives, utf8 } from "@linchpin/core";

/** What every implementation of `Primitives` must do. Known answers are NIST's and the RFCs'. */
export function holdPrimitivesContract(name: string, primitives: Primitives): void {
  suite(`primitives on ${name}`, () => {
    holdHashes(primitives);
    holdAesCbc(primitives);
    holdAesGcm(primitives);
    holdRsaOaep(primitives);
    holdEcdsa(primitives);
    holdEcdh(primitives);
  });
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const none = new Uint8Array(0);

/** RFC 6979 §A.2.5: key, and the signature of `sample` with SHA-256. */
const rfc6979 = {
  publicPoint: bytesFromHex(
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
  ),
  signature: bytesFromHex(
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
  ),
};

const noPoints: Record<string, Uint8Array> = {
  "a point beside the curve": altered(rfc6979.publicPoint, 64),
  "a compressed point": Uint8Array.of(3, ...rfc6979.publicPoint.subarray(1, 33)),
  "a hybrid point": Uint8Array.of(7, ...rfc6979.publicPoint.subarray(1)),
  "the point at infinity": Uint8Array.of(0),
  "zeros behind 04": Uint8Array.of(4, ...new Uint8Array(64)),
  "coordinates beyond the field": Uint8Array.of(4, ...new Uint8Array(64).fill(0xff)),
  "a point without 04": rfc6979.publicPoint.subarray(1),
  "a point with a byte behind": Uint8Array.of(...rfc6979.publicPoint, 0),
  nothing: none,
};

function holdHashes(primitives: Primitives): void {
  test("SHA-256: FIPS 180-4 example", async () => {
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(hexFromBytes(await primitives.sha256(utf8("abc"))), digest);
  });

  test("HMAC-SHA-512: RFC 4231 case 2", async () => {
    assert.equal(
      hexFromBytes(await primitives.hmac("SHA-512", utf8("Jefe"), utf8("what do ya want for nothing?"))),
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    );
  });

  test("HMAC-SHA-256: RFC 4231 case 2, and a key of zeros", async () => {
    assert.equal(
      hexFromBytes(await primitives.hmac("SHA-256", utf8("Jefe"), utf8("what do ya want for nothing?"))),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
    assert.equal(
      hexFromBytes(await primitives.hmac("SHA-256", new Uint8Array(32), none)),
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", // as of an empty key: RFC 2104 §2
    );
  });

  test("HKDF-SHA-256: RFC 5869 A.1 and A.3 (no salt, no info)", async () => {
    const inputKey = new Uint8Array(22).fill(0x0b);
    const [salt, info] = [bytesFromHex("000102030405060708090a0b0c"), bytesFromHex("f0f1f2f3f4f5f6f7f8f9")];
    assert.equal(
      hexFromBytes(await primitives.hkdfSha256({ inputKey, salt, info, lengthBytes: 42 })),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
    assert.equal(
      hexFromBytes(await primitives.hkdfSha256({ inputKey, salt: none, info: none, lengthBytes: 42 })),
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    );
  });

  test("random bytes have the length asked for and differ", () => {
    assert.deepEqual(
      [16, 64].map((length) => primitives.randomBytes(length).length),
      [16, 64],
    );
    assert.notDeepEqual(primitives.randomBytes(16), primitives.randomBytes(16));
  });

  test("what is computed owns its memory, so that wiping it wipes all", async () => {
    const key = primitives.randomBytes(32);
    const ciphertext = await primitives.encryptAesCbc(key, key.subarray(16), utf8("plain"));
    const plaintext = await primitives.decryptAesCbc(key, key.subarray(16), ciphertext);
    for (const bytes of [key, plaintext]) assert.equal(bytes.buffer.byteLength, bytes.length);
  });
}

function holdAesCbc(primitives: Primitives): void {
  const blocks = bytesFromHex(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
  );
  const iv = bytesFromHex("000102030405060708090a0b0c0d0e0f");
  const key256 = bytesFromHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const key128 = bytesFromHex("2b7e151628aed2a6abf7158809cf4f3c");

  test("AES-256-CBC and AES-128-CBC: SP 800-38A F.2.5 and F.2.1, a padding block behind", async () => {
    const ciphertext = await primitives.encryptAesCbc(key256, iv, blocks);
    assert.equal(ciphertext.length, 80);
    assert.equal(
      hexFromBytes(ciphertext.subarray(0, 64)),
      "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
    );
    assert.equal(
      hexFromBytes((await primitives.encryptAesCbc(key128, iv, blocks)).subarray(0, 64)),
      "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
    );
    assert.deepEqual(await primitives.decryptAesCbc(key256, iv, ciphertext), blocks);
  });

  test("AES-CBC: bad padding, half a block, nothing, a short IV fail alike", async () => {
    const padding = await primitives.encryptAesCbc(key256, iv, none); // sixteen times 0x10
    const endingIn = (last: number) => Uint8Array.of(...iv.subarray(0, 15), 0x0f ^ 0x10 ^ last);
    assert.deepEqual(await primitives.decryptAesCbc(key256, endingIn(0x10), padding), none);
    const failing: readonly (readonly [Uint8Array, Uint8Array])[] = [
      ...[0x00, 0x02, 0x11, 0xff].map((last) => [endingIn(last), padding] as const),
      [iv, padding.subarray(0, 15)],
      [iv, none],
      [iv.subarray(0, 15), padding],
      [none, padding],
    ];
    for (const [wrongIv, ciphertext] of failing)
      await assert.rejects(primitives.decryptAesCbc(key256, wrongIv, ciphertext), decryptionFailed);
  });
}

function holdAesGcm(primitives: Primitives): void {
  test("AES-128-GCM: IVs of 16 and of 12 bytes, SP 800-38D §7.1", async () => {
    const [key128, block] = [bytesFromHex("00112233445566778899aabbccddeeff"), utf8("246784FFFFFFFFFF")];
    for (const [iv, sealed] of Object.entries(sealedUnderIv)) {
      assert.equal(hexFromBytes(await primitives.encryptAesGcm(key128, bytesFromHex(iv), block, none)), sealed);
      assert.deepEqual(await primitives.decryptAesGcm(key128, bytesFromHex(iv), bytesFromHex(sealed), none), block);
    }
  });

  const key = bytesFromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const iv = bytesFromHex("cafebabefacedbaddecaf888");
  const aad = bytesFromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const plaintext = bytesFromHex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
  );
  const sealedHex =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b";

  test("AES-256-GCM: test case 16 of the GCM specification", async () => {
    assert.equal(hexFromBytes(await primitives.encryptAesGcm(key, iv, plaintext, aad)), sealedHex);
    assert.deepEqual(await primitives.decryptAesGcm(key, iv, bytesFromHex(sealedHex), aad), plaintext);
  });

  test("AES-128-GCM: test case 4 of the GCM specification", async () => {
    const key128 = key.subarray(0, 16);
    const sealed128Hex =
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47";
    assert.equal(hexFromBytes(await primitives.encryptAesGcm(key128, iv, plaintext, aad)), sealed128Hex);
    assert.deepEqual(await primitives.decryptAesGcm(key128, iv, bytesFromHex(sealed128Hex), aad), plaintext);
  });

  test("AES-256-GCM: nothing sealed, no AAD", async () => {
    const sealed = await primitives.encryptAesGcm(key, iv, none, none);
    assert.equal(sealed.length, 16);
    assert.deepEqual(await primitives.decryptAesGcm(key, iv, sealed, none), none);
  });

  test("AES-256-GCM: each altered byte, another AAD, IV or key, what is cut off: one failure", async () => {
    const sealed = bytesFromHex(sealedHex);
    for (const index of sealed.keys())
      await assert.rejects(primitives.decryptAesGcm(key, iv, altered(sealed, index), aad), decryptionFailed);
    for (const cut of [
      sealed.subarray(1),
      sealed.subarray(0, -1),
      sealed.subarray(0, 16),
      sealed.subarray(0, 15),
      none,
    ])
      await assert.rejects(primitives.decryptAesGcm(key, iv, cut, aad), decryptionFailed);
    await assert.rejects(primitives.decryptAesGcm(key, iv, sealed, none), decryptionFailed);
    await assert.rejects(primitives.decryptAesGcm(key, altered(iv, 11), sealed, aad), decryptionFailed);
    await assert.rejects(primitives.decryptAesGcm(key, none, sealed, aad), decryptionFailed);
    for (const otherKey of [altered(key, 0), key.subarray(0, 16), key.subarray(0, 15), none])
      await assert.rejects(primitives.decryptAesGcm(otherKey, iv, sealed, aad), decryptionFailed);
  });
}

/** Computed with OpenSSL, Node and python3-cryptography, which agree. */
const sealedUnderIv: Readonly<Record<string, string>> = {
  "000102030405060708090a0b0c0d0e0f": "8b4b0ad86d0e865aaab871183b6599efb38166dd7a03c97fcd9ba82d389fe2c3",
  "000102030405060708090a0b": "19e101f396a3c926d97e6fd956cb07abeed001d7296b28c9700088c27ead3e7a",
};

function holdRsaOaep(primitives: Primitives): void {
  test("RSA-OAEP: each hash is MGF1's too, as node:crypto unwraps it", async () => {
    const spki = Uint8Array.from(rsa.publicKey.export({ format: "der", type: "spki" }));
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    for (const hash of ["SHA-1", "SHA-256", "SHA-512"] as const) {
      const contentKey = Uint8Array.from(randomBytes(24));
      const wrapped = await primitives.wrapRsaOaep({ spki }, contentKey, hash);
      const unwrapped = privateDecrypt({ key: rsa.privateKey, padding, oaepHash: hash.replace("-", "") }, wrapped);
      assert.deepEqual(Uint8Array.from(unwrapped), contentKey, hash);
    }
  });

  const jwk = rsa.publicKey.export({ format: "jwk" }) as { n: string; e: string };
  const spki = Uint8Array.from(rsa.publicKey.export({ format: "der", type: "spki" }));

  test("RSA-OAEP: what is wrapped for a JWK or an SPKI is unwrapped by node:crypto with SHA-256 for hash and MGF1", async () => {
    const contentKey = Uint8Array.from(randomBytes(64));
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    for (const key of [{ n: jwk.n, e: jwk.e }, { spki }]) {
      const wrapped = await primitives.wrapRsaOaep(key, contentKey, "SHA-256");
      assert.equal(wrapped.length, 256);
      assert.deepEqual(Uint8Array.from(privateDecrypt({ key: rsa.privateKey, ...padding }, wrapped)), contentKey);
    }
  });

  test("RSA-OAEP: what is no RSA key that can carry the message is refused", async () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    const unusable = [
      { spki: none },
      { spki: altered(spki, 0) },
      { spki: spki.subarray(0, 200) },
      { spki: Uint8Array.from(ec.export({ format: "der", type: "spki" })) },
      { spki: Uint8Array.from(short.export({ format: "der", type: "spki" })) },
      { n: "", e: "AQAB" },
      { n: Buffer.alloc(255, 0xff).toString("base64url"), e: "AQAB" },
      { n: Buffer.concat([Buffer.alloc(128), Buffer.alloc(128, 0xff)]).toString("base64url"), e: "AQAB" },
      ...["", "AA", "AQ", "Aw", "AQAC"].map((e) => ({ n: jwk.n, e })), // empty, 0, 1, 3, even
      { n: Buffer.alloc(1025, 0xff).toString("base64url"), e: "AQAB" },
      { n: jwk.n, e: "AQAAAAE" }, // 33 bits
      { n: jwk.n, e: jwk.n },
    ];
    for (const key of unusable) {
      await assert.rejects(primitives.wrapRsaOaep(key, new Uint8Array(32), "SHA-256"), { code: "public_key_unusable" });
      await assert.rejects(primitives.rsaJwk(key), { code: "public_key_unusable" });
    }
  });

  test("RSA: a key has one JWK, whichever way it comes", async () => {
    for (const publicExponent of [65537, 0x10000001]) {
      const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2056, publicExponent });
      const expected = publicKey.export({ format: "jwk" }) as { kty: "RSA"; n: string; e: string };
      const spki = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }));
      for (const key of [{ spki }, { n: expected.n, e: expected.e }])
        assert.deepEqual(await primitives.rsaJwk(key), expected);
    }
  });
}

function holdEcdsa(primitives: Primitives): void {
  const { publicPoint, signature } = rfc6979;

  test("ECDSA P-256: RFC 6979 A.2.5 verifies", async () => {
    assert.equal(await primitives.verifyEcdsa(publicPoint, utf8("sample"), signature), true);
  });

  test("ECDSA P-256: other data, an altered signature, zeros, another length, no point: not verified", async () => {
    assert.equal(await primitives.verifyEcdsa(publicPoint, utf8("Sample"), signature), false);
    const wrong = [
      ...[0, 31, 32, 63].map((index) => altered(signature, index)),
      new Uint8Array(64),
      signature.subarray(0, 63),
      Uint8Array.of(...signature, 0),
      none,
    ];
    for (const other of wrong) assert.equal(await primitives.verifyEcdsa(publicPoint, utf8("sample"), other), false);
    for (const noPoint of Object.values(noPoints))
      assert.equal(await primitives.verifyEcdsa(noPoint, utf8("sample"), signature), false);
  });

  test("a fresh signing key signs what verifies under its point and no other", async () => {
    const [key, other] = [await primitives.makeSigningKey(), await primitives.makeSigningKey()];
    const made = await key.sign(utf8("212212"));
    assert.deepEqual([made.length, key.publicPoint.length, key.publicPoint[0]], [64, 65, 4]);
    assert.equal(await primitives.verifyEcdsa(key.publicPoint, utf8("212212"), made), true);
    assert.equal(await primitives.verifyEcdsa(other.publicPoint, utf8("212212"), made), false);
  });

  test("a point of P-256 is one", async () => {
    assert.equal(await primitives.isP256Point(publicPoint), true);
  });

  for (const [what, noPoint] of Object.entries(noPoints))
    test(`${what} is no point of P-256`, async () => {
      assert.equal(await primitives.isP256Point(noPoint), false);
    });
}

function holdEcdh(primitives: Primitives): void {
  test("ECDH P-256: two fresh keys agree on one secret of 32 bytes, a third does not", async () => {
    const [left, right, third] = [
      await primitives.makeAgreementKey(),
      await primitives.makeAgreementKey(),
      await primitives.makeAgreementKey(),
    ];
    const secret = await left.agree(right.publicPoint);
    assert.equal(secret.length, 32);
    assert.deepEqual(await right.agree(left.publicPoint), secret);
    assert.notDeepEqual(await third.agree(left.publicPoint), secret);
  });

  for (const [what, noPoint] of Object.entries(noPoints))
    test(`ECDH with ${what} is refused`, async () => {
      const key = await primitives.makeAgreementKey();
      await assert.rejects(key.agree(noPoint), { name: "LinchpinError", code: "public_key_unusable" });
    });
}

/** Exactly this, and no reason that would tell one failure from another. */
function decryptionFailed(error: unknown): boolean {
  assert.ok(error instanceof LinchpinError);
  assert.deepEqual([error.code, error.reason, error.cause], ["decryption_failed", undefined, undefined]);
  return true;
}

function altered(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
}
