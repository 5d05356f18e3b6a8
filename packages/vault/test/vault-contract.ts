import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  verify,
} from "node:crypto";
import { after, before, describe, it, type TestContext } from "node:test";
import { type OaepHash, type RsaKeyAlgorithm, rsaOaep256 } from "@linchpin/core";
import fc from "fast-check";
import { isOfMessages, isRsa, isSymmetric, keyAlgorithms, modulusBitsOf, oaepHashOf } from "../src/algorithms.ts";
import type { AnyVault, KeyAlgorithm, MacVault, Vault, VaultKey } from "../src/vault.ts";
import { agrees } from "./agreement-contract.ts";
import { encryptBlock, encryptOaep, modulusBytesOf, type OaepParts } from "./oaep-encryption.ts";
import { encodePkcs1 } from "./pkcs1-encryption.ts";
import { provesPossession } from "./possession-contract.ts";
import { unwrapVectors } from "./unwrap-vectors-contract.ts";

export interface VaultUnderTest {
  readonly vault: AnyVault;
  /** Puts a key of the suite's own into the vault, past the vault's interface. `secret`: PKCS#8 DER, or 32 raw bytes. */
  readonly placeKey?: (id: string, algorithm: KeyAlgorithm, secret: Uint8Array) => Promise<VaultKey>;
  close(): Promise<void>;
}

/**
 * What every vault must do. `open` returns a vault that is set up and unlocked. For an algorithm that the vault declines,
 * the suite checks the refusal in place of the computation.
 */
export function vaultContract(
  name: string,
  open: () => Promise<VaultUnderTest>,
  { declined = [] }: { readonly declined?: readonly KeyAlgorithm[] } = {},
): void {
  describe(name, () => {
    let subject: VaultUnderTest;
    before(async () => {
      subject = await open();
    });
    after(() => subject.close());
    const vaultUnderTest = () => subject;
    for (const algorithm of keyAlgorithms) {
      if (declined.includes(algorithm)) declines(vaultUnderTest, algorithm);
      else {
        computes(vaultUnderTest, algorithm);
        suiteOf(vaultUnderTest, algorithm);
      }
    }
    refusesOtherAlgorithms(vaultUnderTest, declined);
  });
}

type Subject = () => VaultUnderTest;

function suiteOf(subject: Subject, algorithm: KeyAlgorithm): void {
  if (isRsa(algorithm)) unwrapsRsa(subject, algorithm);
  if (algorithm === "A256GCM") {
    makesSymmetricKeys(subject);
    sealsAndOpens(subject);
  }
  if (algorithm === "HS256") macs(subject);
  if (algorithm === "ES256") signs(subject);
  if (algorithm === "HPKE-7") agrees(subject);
  if (!isSymmetric(algorithm)) provesPossession(subject, algorithm);
}

function unwrapsRsa(subject: Subject, algorithm: RsaKeyAlgorithm): void {
  const hash = oaepHashOf(algorithm);
  if (hash === null) unwrapsPkcs1(subject);
  else {
    makesRsaKeys(subject, algorithm);
    unwrapsOaep(subject, algorithm, hash);
  }
  const file = vectorFiles[algorithm];
  if (file !== undefined) unwrapVectors(subject, algorithm, file);
}

/** Files of C2SP/wycheproof. */
const vectorFiles: Readonly<Partial<Record<RsaKeyAlgorithm, string>>> = {
  "RSA-OAEP-256": "rsa_oaep_2048_sha256_mgf1sha256_test.json",
  "RSA-PKCS1": "rsa_pkcs1_2048_test.json",
};

function computes(subject: Subject, algorithm: KeyAlgorithm): void {
  it(`does not decline ${algorithm}`, () => assert.equal(subject().vault.declines?.(algorithm) ?? null, null));
}

function declines(subject: Subject, algorithm: KeyAlgorithm): void {
  it(`declines ${algorithm}, says why, and neither makes such a key nor uses one`, async () => {
    const { vault } = subject();
    assert.match(vault.declines?.(algorithm) ?? "", /\w/);
    await assert.rejects(vault.makeKey(newId(), algorithm), { code: "settings_invalid" });
    const key = { id: newId(), algorithm, handle: new Uint8Array() };
    const use = useOf(vault, key);
    if (use !== undefined) await assert.rejects(use, { code: "settings_invalid" });
  });
}

/** Undefined where the vault has no method for keys of this algorithm. */
function useOf(vault: AnyVault, key: VaultKey): Promise<Uint8Array> | undefined {
  const some = new Uint8Array(40);
  if (key.algorithm === "A256GCM") return vault.seal(key, some, some);
  if (key.algorithm === "HS256") return vault.mac?.(key, some);
  if (key.algorithm === "ES256") return vault.sign?.(key, some);
  if (key.algorithm === "HPKE-7") return vault.agree?.(key, some);
  return vault.unwrap(key, some, 32);
}

function makesSymmetricKeys(subject: Subject): void {
  describe("makeKey", () => {
    it("publishes nothing of a symmetric key", async () => {
      assert.equal((await makeKey(subject, "A256GCM")).publicKeySpki, null);
    });
  });
}

function makesRsaKeys(subject: Subject, algorithm: RsaKeyAlgorithm): void {
  describe("makeKey", () => {
    const modulusLength = modulusBitsOf(algorithm) ?? 2048;
    it(`publishes an RSA-${modulusLength} key with exponent 65537 as SPKI`, async () => {
      const [{ publicKeySpki }] = await twoKeys(subject, algorithm);
      const publicKey = importSpki(publicKeySpki);
      assert.equal(publicKey.asymmetricKeyType, "rsa");
      assert.deepEqual(publicKey.asymmetricKeyDetails, { modulusLength, publicExponent: 65537n });
    });

    it("makes another key each time", async () => {
      const [one, other] = await twoKeys(subject, algorithm);
      assert.notDeepEqual(one.publicKeySpki, other.publicKeySpki);
      assert.notDeepEqual(one.key.handle, other.key.handle);
    });

    it("keeps every part of a private key out of its handle", async (t) => {
      const { placeKey } = subject();
      if (placeKey === undefined) return t.skip("this vault takes no keys from outside");
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
      const { handle } = await placeKey(newId(), algorithm, pkcs8);
      const { d, p, q, dp, dq, qi } = privateKey.export({ format: "jwk" });
      for (const part of [d, p, q, dp, dq, qi]) {
        const bytes = Buffer.from(part ?? "", "base64url");
        assert.ok(bytes.length >= 100 && pkcs8.includes(bytes), "the suite reads the key's parts wrongly");
        for (let start = 0; start + 8 <= bytes.length; start++)
          assert.ok(!Buffer.from(handle).includes(bytes.subarray(start, start + 8)));
      }
    });
  });
}

function unwrapsOaep(subject: Subject, algorithm: RsaKeyAlgorithm, hash: OaepHash): void {
  const wrap = (publicKey: KeyObject, contentKey: Uint8Array) => wrapOaep(publicKey, contentKey, hash);
  const encrypt = (publicKey: KeyObject, contentKey: Uint8Array, deviation: Partial<OaepParts> = {}) =>
    encryptOaep(publicKey, contentKey, { hash, mgfHash: hash, ...deviation });
  const otherHash = hash === rsaOaep256.oaep ? "SHA-1" : rsaOaep256.oaep;
  const modulusBytes = (modulusBitsOf(algorithm) ?? 2048) / 8;
  const isMessage = isOfMessages(algorithm);
  /** Of a message (RFC 8017 §7.1.1 step 1.b). */
  const longest = modulusBytes - 2 * createHash(hash).digest().length - 2;

  describe(`unwrap, ${algorithm}`, () => {
    let key: VaultKey;
    let publicKey: KeyObject;
    let anotherPublicKey: KeyObject;
    const contentKey = randomBytes(64);
    before(async () => {
      const [made, another] = await twoKeys(subject, algorithm);
      key = made.key;
      publicKey = importSpki(made.publicKeySpki);
      anotherPublicKey = importSpki(another.publicKeySpki);
    });
    const unwrap = (wrapped: Uint8Array, lengthBytes = 64) => subject().vault.unwrap(key, wrapped, lengthBytes);

    it("gives the content key that node:crypto wrapped", async () => {
      assert.deepEqual(Buffer.from(await unwrap(wrap(publicKey, contentKey))), contentKey);
    });

    it("gives the content key that the suite's own encoding wrapped", async () => {
      assert.deepEqual(Buffer.from(await unwrap(encrypt(publicKey, contentKey))), contentKey);
    });

    for (const lengthBytes of [1, 32, longest])
      it(`gives a content key of ${lengthBytes} bytes`, async () => {
        const short = randomBytes(lengthBytes);
        assert.deepEqual(Buffer.from(await unwrap(wrap(publicKey, short), lengthBytes)), short);
      });

    const rejected: Record<string, () => Uint8Array> = {
      "a ciphertext for another key": () => wrap(anotherPublicKey, contentKey),
      "an altered first byte": () => altered(wrap(publicKey, contentKey), 0),
      "an altered last byte": () => altered(wrap(publicKey, contentKey), modulusBytes - 1),
      "a ciphertext without its last byte": () => wrap(publicKey, contentKey).subarray(0, -1),
      "a ciphertext without its leading zero": () => wrapWithLeadingZero(publicKey, contentKey, hash).subarray(1),
      "a ciphertext with a leading zero added": () => Buffer.concat([Buffer.alloc(1), wrap(publicKey, contentKey)]),
      "a ciphertext with a byte appended": () => Buffer.concat([wrap(publicKey, contentKey), Buffer.alloc(1)]),
      "a ciphertext of 100,000 bytes": () => randomBytes(100_000),
      "an empty ciphertext": () => new Uint8Array(),
      "a ciphertext of zeros": () => new Uint8Array(modulusBytes),
      "a ciphertext equal to the modulus": () => modulusOf(publicKey),
      "a ciphertext above the modulus": () => new Uint8Array(modulusBytes).fill(255),
      [`OAEP with ${otherHash}`]: () => wrapOaep(publicKey, contentKey, otherHash),
      [`OAEP with ${hash} and MGF1 with ${otherHash}`]: () => encrypt(publicKey, contentKey, { mgfHash: otherHash }),
      "OAEP with a label": () => encrypt(publicKey, contentKey, { label: Buffer.from("label") }),
      "a block that does not start with zero": () => encrypt(publicKey, contentKey, { firstByte: 1 }),
      "a padding of other bytes": () => encrypt(publicKey, contentKey, { paddingByte: 2 }),
      "a padding without its end": () => encrypt(publicKey, Buffer.alloc(64), { separator: 0 }),
      "PKCS #1 v1.5": () => publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, contentKey),
      "no padding": () => encryptBlock(publicKey, Buffer.concat([Buffer.alloc(modulusBytes - 64), contentKey])),
      "a content key one byte long": () => wrap(publicKey, Buffer.concat([contentKey, Buffer.alloc(1)])),
      ...(isMessage
        ? { "the longest message, where 64 bytes are asked for": () => wrap(publicKey, randomBytes(longest)) }
        : {
            "a content key one byte short": () => wrap(publicKey, contentKey.subarray(1)),
            "an empty content key": () => wrap(publicKey, new Uint8Array()),
          }),
    };
    for (const [what, wrapped] of Object.entries(rejected))
      it(`gives new random bytes for ${what}`, async () => {
        const ciphertext = wrapped();
        const answers = [await unwrap(ciphertext), await unwrap(ciphertext)] as const;
        for (const answer of answers) {
          assert.equal(answer.length, 64);
          assert.ok(new Set(answer).size > 16, "these bytes are not random");
          assert.ok(!Buffer.from(answer).includes(contentKey.subarray(1, 33)));
        }
        assert.notDeepEqual(answers[0], answers[1]);
      });

    it("gives the fallback for a ciphertext that does not open, and the content key for one that does", async () => {
      const fallback = randomBytes(64);
      const unwrapOr = (wrapped: Uint8Array) => subject().vault.unwrap(key, wrapped, 64, fallback);
      assert.deepEqual(Buffer.from(await unwrapOr(wrap(anotherPublicKey, contentKey))), fallback);
      assert.deepEqual(Buffer.from(await unwrapOr(wrap(publicKey, contentKey))), contentKey);
    });

    if (isMessage)
      for (const lengthBytes of [0, 1, 31, 63])
        it(`gives a message of ${lengthBytes} bytes at the end of 64, behind zeros`, async () => {
          const message = randomBytes(lengthBytes).map((byte, index) => (index === 0 ? 0xff : byte));
          const expected = Buffer.concat([Buffer.alloc(64 - lengthBytes), message]);
          for (const wrapped of [wrap(publicKey, message), encrypt(publicKey, message)])
            assert.deepEqual(Buffer.from(await unwrap(wrapped)), expected);
        });

    for (const lengthBytes of isMessage ? [32, 63] : [32, 63, 65, 128])
      it(`gives ${lengthBytes} random bytes when so many are expected and the content key has 64`, async () => {
        const answer = await unwrap(wrap(publicKey, contentKey), lengthBytes);
        assert.equal(answer.length, lengthBytes);
        assert.notDeepEqual(Buffer.from(answer.subarray(0, 32)), contentKey.subarray(0, 32));
      });
  });
}

function unwrapsPkcs1(subject: Subject): void {
  describe("unwrap, RSA-PKCS1", () => {
    let key: VaultKey;
    let publicKey: KeyObject;
    let anotherPublicKey: KeyObject;
    const contentKey = randomBytes(32);
    before(async () => {
      const [made, another] = await twoKeys(subject, "RSA-PKCS1");
      key = made.key;
      publicKey = importSpki(made.publicKeySpki);
      anotherPublicKey = importSpki(another.publicKeySpki);
    });
    const unwrap = (wrapped: Uint8Array, lengthBytes = 32) => subject().vault.unwrap(key, wrapped, lengthBytes);
    const encrypt = (message: Uint8Array, by = publicKey) =>
      publicEncrypt({ key: by, padding: constants.RSA_PKCS1_PADDING }, message);
    const encryptEncoded = (deviation: Parameters<typeof encodePkcs1>[2]) =>
      encryptBlock(publicKey, encodePkcs1(256, contentKey, deviation));

    it("publishes a key of 2048 bits", () => {
      assert.deepEqual(publicKey.asymmetricKeyDetails, { modulusLength: 2048, publicExponent: 65537n });
    });

    it("gives the content key that node:crypto wrapped, and the suite's own encoding", async () => {
      assert.deepEqual(Buffer.from(await unwrap(encrypt(contentKey))), contentKey);
      assert.deepEqual(Buffer.from(await unwrap(encryptEncoded({}))), contentKey);
    });

    for (const lengthBytes of [1, 16, 64, 245])
      it(`gives a content key of ${lengthBytes} bytes`, async () => {
        const other = randomBytes(lengthBytes);
        assert.deepEqual(Buffer.from(await unwrap(encrypt(other), lengthBytes)), other);
      });

    it("gives a content key that begins with zeros, or is all zeros", async () => {
      for (const zeros of [Buffer.concat([Buffer.alloc(8), contentKey.subarray(8)]), Buffer.alloc(32)])
        assert.deepEqual(Buffer.from(await unwrap(encrypt(zeros))), zeros);
    });

    const rejected: Record<string, () => Uint8Array> = {
      "a ciphertext for another key": () => encrypt(contentKey, anotherPublicKey),
      "an altered first byte": () => altered(encrypt(contentKey), 0),
      "an altered last byte": () => altered(encrypt(contentKey), 255),
      "a ciphertext without its last byte": () => encrypt(contentKey).subarray(0, -1),
      "a ciphertext with a leading zero added": () => Buffer.concat([Buffer.alloc(1), encrypt(contentKey)]),
      "a ciphertext of 100,000 bytes": () => randomBytes(100_000),
      "an empty ciphertext": () => new Uint8Array(),
      "a ciphertext of zeros": () => new Uint8Array(256),
      "a ciphertext equal to the modulus": () => modulusOf(publicKey),
      "a ciphertext above the modulus": () => new Uint8Array(256).fill(255),
      "OAEP with SHA-256": () => wrapOaep(publicKey, contentKey, "SHA-256"),
      "no padding": () => encryptBlock(publicKey, Buffer.concat([Buffer.alloc(224), contentKey])),
      "a block that does not start with zero": () => encryptEncoded({ firstByte: 1 }),
      "the padding of a signature": () => encryptEncoded({ blockType: 1 }),
      "a block type of zero": () => encryptEncoded({ blockType: 0 }),
      "a zero as the first byte of the padding": () => encryptEncoded({ zeroAt: 2 }),
      "a zero as the eighth byte of the padding": () => encryptEncoded({ zeroAt: 9 }),
      "a zero as the last byte of the padding": () => encryptEncoded({ zeroAt: 222 }),
      "a padding without its end": () => encryptEncoded({ separator: 1 }),
      "a content key one byte short": () => encrypt(contentKey.subarray(1)),
      "a content key one byte long": () => encrypt(Buffer.concat([contentKey, Buffer.alloc(1)])),
      "an empty content key": () => encrypt(new Uint8Array()),
    };
    for (const [what, wrapped] of Object.entries(rejected))
      it(`gives new random bytes for ${what}`, async () => {
        const ciphertext = wrapped();
        const answers = [await unwrap(ciphertext), await unwrap(ciphertext)] as const;
        for (const answer of answers) {
          assert.equal(answer.length, 32);
          assert.ok(new Set(answer).size > 8, "these bytes are not random");
          assert.ok(!Buffer.from(answer).includes(contentKey.subarray(1, 17)));
        }
        assert.notDeepEqual(answers[0], answers[1]);
      });

    for (const lengthBytes of [31, 33, 64, 246, 300])
      it(`gives ${lengthBytes} random bytes when so many are expected and the content key has 32`, async () => {
        const answer = await unwrap(encrypt(contentKey), lengthBytes);
        assert.equal(answer.length, lengthBytes);
        assert.ok(!Buffer.from(answer).includes(contentKey.subarray(1, 17)));
      });

    it("gives the fallback for a ciphertext that does not open, and the content key for one that does", async () => {
      const fallback = randomBytes(32);
      const unwrapOr = (wrapped: Uint8Array) => subject().vault.unwrap(key, wrapped, 32, fallback);
      assert.deepEqual(Buffer.from(await unwrapOr(encrypt(contentKey, anotherPublicKey))), fallback);
      assert.deepEqual(Buffer.from(await unwrapOr(encrypt(contentKey))), contentKey);
    });
  });
}

function sealsAndOpens(subject: Subject): void {
  describe("seal and open", () => {
    let key: VaultKey;
    const plaintext = Buffer.from("1928 is the plaintext");
    const associatedData = Buffer.from("card, version");
    before(async () => {
      key = (await makeKey(subject, "A256GCM")).key;
    });
    const seal = () => subject().vault.seal(key, plaintext, associatedData);
    const refuses = (sealed: Uint8Array, data: Uint8Array = associatedData, by = key) =>
      assert.rejects(subject().vault.open(by, sealed, data), { code: "decryption_failed" });

    it("open returns what seal encrypted, whatever it is", async () => {
      const bytes = fc.uint8Array({ maxLength: 300 });
      await fc.assert(
        fc.asyncProperty(bytes, bytes, async (taken, data) => {
          const sealed = await subject().vault.seal(key, taken, data);
          assert.equal(sealed.length, 12 + taken.length + 16);
          assert.deepEqual(Buffer.from(await subject().vault.open(key, sealed, data)), Buffer.from(taken));
        }),
        { numRuns: 50 },
      );
    });

    it("seals the same plaintext to other bytes each time, under another IV", async () => {
      const [one, other] = [await seal(), await seal()];
      assert.notDeepEqual(one.subarray(0, 12), other.subarray(0, 12));
      assert.notDeepEqual(one.subarray(12), other.subarray(12));
      assert.ok(!Buffer.from(one).includes(plaintext.subarray(0, 8)));
    });

    it("refuses every single altered bit", async () => {
      const sealed = await seal();
      for (let bit = 0; bit < sealed.length * 8; bit++) await refuses(altered(sealed, bit >> 3, 1 << (bit & 7)));
    });

    it("refuses every truncation, down to nothing", async () => {
      const sealed = await seal();
      for (let length = 0; length < sealed.length; length++) await refuses(sealed.subarray(0, length));
    });

    it("refuses a byte appended", async () => refuses(Buffer.concat([await seal(), Buffer.alloc(1)])));

    it("refuses a byte put in front", async () => refuses(Buffer.concat([Buffer.alloc(1), await seal()])));

    it("refuses a tag of 12 bytes, lengthened with bytes of the ciphertext", async () => {
      const sealed = await seal();
      await refuses(Buffer.concat([sealed.subarray(0, -16), sealed.subarray(-12)]));
    });

    it("refuses altered associated data", async () => refuses(await seal(), altered(associatedData, 0)));

    it("refuses associated data left out", async () => refuses(await seal(), new Uint8Array()));

    it("refuses what another key sealed", async () =>
      refuses(await seal(), associatedData, (await makeKey(subject, "A256GCM")).key));
  });
}

function macs(subject: Subject): void {
  describe("mac", () => {
    const data = Buffer.from("what do ya want for nothing?");
    const vaultWithMac = (t: TestContext): (Vault & MacVault) | undefined => {
      const { vault } = subject();
      if (vault.mac !== undefined) return vault as Vault & MacVault;
      t.skip("this vault has no mac");
      return undefined;
    };

    // RFC 4231 §4.2 to §4.5. HMAC pads a key with zeros to the block size, so that the zeros after these keys change nothing.
    const published = [
      ["0b".repeat(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
      ["4a656665", data, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"],
      ["aa".repeat(20), Buffer.alloc(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"],
    ] as const;
    for (const [index, [secretHex, macked, expected]] of published.entries())
      it(`gives the mac of RFC 4231 test case ${index + 1}`, async (t) => {
        const vault = vaultWithMac(t);
        const { placeKey } = subject();
        if (vault === undefined) return;
        if (placeKey === undefined) return t.skip("this vault takes no keys from outside");
        const key = await placeKey(newId(), "HS256", Buffer.from(secretHex.padEnd(64, "0"), "hex"));
        assert.equal(Buffer.from(await vault.mac(key, Buffer.from(macked))).toString("hex"), expected);
      });

    it("gives the same 32 bytes for the same data, and others for other data or another key", async (t) => {
      const vault = vaultWithMac(t);
      if (vault === undefined) return;
      const { key } = await makeKey(subject, "HS256");
      const mac = await vault.mac(key, data);
      assert.equal(mac.length, 32);
      assert.deepEqual(await vault.mac(key, data), mac);
      assert.notDeepEqual(await vault.mac(key, altered(data, 0)), mac);
      assert.notDeepEqual(await vault.mac((await makeKey(subject, "HS256")).key, data), mac);
    });
  });
}

function signs(subject: Subject): void {
  describe("sign", () => {
    const data = Buffer.from("signed");

    it("gives r and s, which verify with the published key and with nothing else", async (t) => {
      const { vault } = subject();
      if (vault.sign === undefined) return t.skip("this vault does not sign");
      const made = await makeKey(subject, "ES256");
      const verifies = (spki: Uint8Array | null, signed: Uint8Array, signature: Uint8Array) =>
        verify("sha256", signed, { key: importSpki(spki), dsaEncoding: "ieee-p1363" }, signature);
      const signature = await vault.sign(made.key, data);
      assert.equal(importSpki(made.publicKeySpki).asymmetricKeyDetails?.namedCurve, "prime256v1");
      assert.equal(signature.length, 64);
      assert.ok(verifies(made.publicKeySpki, data, signature));
      assert.ok(!verifies(made.publicKeySpki, altered(data, 0), signature));
      assert.ok(!verifies((await makeKey(subject, "ES256")).publicKeySpki, data, signature));
    });
  });
}

function refusesOtherAlgorithms(subject: Subject, declined: readonly KeyAlgorithm[]): void {
  describe("a key of another algorithm", () => {
    const some = new Uint8Array(40);
    const calls: Record<string, (key: VaultKey) => Promise<Uint8Array> | undefined> = {
      unwrap: (key) => subject().vault.unwrap(key, some, 32),
      seal: (key) => subject().vault.seal(key, some, some),
      open: (key) => subject().vault.open(key, some, some),
      mac: (key) => subject().vault.mac?.(key, some),
      sign: (key) => subject().vault.sign?.(key, some),
    };
    const wrong: [method: string, algorithm: KeyAlgorithm][] = [
      ["unwrap", "A256GCM"],
      ["unwrap", "ES256"],
      ["seal", "HS256"],
      ["seal", "RSA-OAEP"],
      ["seal", "RSA-OAEP-MESSAGE"],
      ["seal", "RSA-OAEP-256"],
      ["seal", "RSA-PKCS1"],
      ["open", "HS256"],
      ["mac", "A256GCM"],
      ["sign", "RSA-OAEP"],
      ["sign", "RSA-OAEP-MESSAGE"],
      ["sign", "RSA-OAEP-256"],
      ["sign", "RSA-PKCS1"],
      ["sign", "HPKE-7"],
      ["unwrap", "HPKE-7"],
    ];
    for (const [method, algorithm] of wrong.filter(([, each]) => !declined.includes(each)))
      it(`is refused by ${method}: ${algorithm}`, async (t) => {
        const [{ key }] = await twoKeys(subject, algorithm);
        const answer = calls[method]?.(key);
        if (answer === undefined) return t.skip(`this vault has no ${method}`);
        await assert.rejects(answer, { code: "internal" });
      });
  });
}

interface MadeKey {
  readonly key: VaultKey;
  readonly publicKeySpki: Uint8Array | null;
}

async function makeKey(subject: Subject, algorithm: KeyAlgorithm): Promise<MadeKey> {
  const id = newId();
  const { handle, publicKeySpki } = await subject().vault.makeKey(id, algorithm);
  return { key: { id, algorithm, handle }, publicKeySpki };
}

const keysMade = new WeakMap<VaultUnderTest, Map<KeyAlgorithm, Promise<[MadeKey, MadeKey]>>>();

/** The same two for all tests of a vault: making an RSA key takes longer than everything else that they do. */
function twoKeys(subject: Subject, algorithm: KeyAlgorithm): Promise<[MadeKey, MadeKey]> {
  const ofVault = keysMade.get(subject()) ?? new Map<KeyAlgorithm, Promise<[MadeKey, MadeKey]>>();
  keysMade.set(subject(), ofVault);
  const made = ofVault.get(algorithm) ?? makeTwoKeys(subject, algorithm);
  ofVault.set(algorithm, made);
  return made;
}

async function makeTwoKeys(subject: Subject, algorithm: KeyAlgorithm): Promise<[MadeKey, MadeKey]> {
  return [await makeKey(subject, algorithm), await makeKey(subject, algorithm)];
}

function wrapOaep(publicKey: KeyObject, contentKey: Uint8Array, oaepHash: string): Buffer {
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, contentKey);
}

/** Encrypts until the ciphertext starts with a zero, as one in 256 does. */
function wrapWithLeadingZero(publicKey: KeyObject, contentKey: Uint8Array, oaepHash: string): Buffer {
  for (let tries = 0; tries < 20_000; tries++) {
    const wrapped = wrapOaep(publicKey, contentKey, oaepHash);
    if (wrapped[0] === 0) return wrapped;
  }
  throw new Error("no ciphertext starts with a zero");
}

function modulusOf(publicKey: KeyObject): Uint8Array {
  const modulus = Buffer.from(publicKey.export({ format: "jwk" }).n ?? "", "base64url");
  assert.equal(modulus.length, modulusBytesOf(publicKey));
  return modulus;
}

function altered(bytes: Uint8Array, index: number, mask = 1): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ mask : byte));
}

function importSpki(spki: Uint8Array | null): KeyObject {
  assert.ok(spki !== null);
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
}

const newId = () => crypto.randomUUID();
