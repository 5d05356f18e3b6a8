import { LinchpinError } from "./errors/errors.ts";
import type {
  AgreementKey,
  HkdfInput,
  HmacHash,
  OaepHash,
  Primitives,
  RsaJwk,
  RsaPublicKey,
  SigningKey,
} from "./primitives.ts";
import { isFitRsaKey } from "./rsa/rsa-public-key.ts";

/** Neither `Uint8Array` nor WebCrypto says so to TypeScript: no view of a SharedArrayBuffer comes here. */
type Owned = Uint8Array<ArrayBuffer>;
/** Of each each step takes what it knows: a key its curve, a signature its hash. */
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const ecdh = { name: "ECDH", namedCurve: "P-256" } as const;

/** Primitives on the platform's WebCrypto: browsers, Node, Deno, workers. Needs a secure context in browsers. */
export const webCryptoPrimitives: Primitives = {
  randomBytes,
  sha256,
  hmac,
  hkdfSha256,
  encryptAesCbc,
  decryptAesCbc,
  encryptAesGcm,
  decryptAesGcm,
  wrapRsaOaep,
  rsaJwk,
  isP256Point,
  makeSigningKey,
  verifyEcdsa,
  makeAgreementKey,
};

// What is exported stands alone as well, so that a device takes along what its protocol needs, and no more.

/** A page without https has no `crypto.subtle`. @throws LinchpinError `random_unavailable` */
function subtle(): SubtleCrypto {
  if (!globalThis.crypto?.subtle) throw new LinchpinError("random_unavailable");
  return crypto.subtle;
}

/** Refuses in insecure contexts too: they have a source of randomness and nothing to seal with. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  subtle();
  return crypto.getRandomValues(new Uint8Array(length));
}

export async function sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await subtle().digest("SHA-256", data as Owned));
}

export function encryptAesCbc(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return computeWith("encrypt", { name: "AES-CBC", iv: iv as Owned }, key, plaintext);
}

export function decryptAesCbc(
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return opened(computeWith("decrypt", { name: "AES-CBC", iv: iv as Owned }, key, ciphertext));
}

export function encryptAesGcm(
  key: Uint8Array,
  iv: Uint8Array,
  plaintext: Uint8Array,
  aad: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return computeWith("encrypt", aesGcm(iv, aad), key, plaintext);
}

export function decryptAesGcm(
  key: Uint8Array,
  iv: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return opened(computeWith("decrypt", aesGcm(iv, aad), key, sealed));
}

export function isP256Point(publicPoint: Uint8Array): Promise<boolean> {
  return importPoint(publicPoint, ecdsa, ["verify"]).then(
    () => true,
    () => false,
  );
}

export async function makeSigningKey(): Promise<SigningKey> {
  return signingKeyOf(await makeSigningKeyPair());
}

/** Its private key can not be read, and can be kept in IndexedDB. */
export async function makeSigningKeyPair(): Promise<CryptoKeyPair> {
  return subtle().generateKey(ecdsa, false, ["sign", "verify"]);
}

/** The signing key of a CryptoKeyPair that the caller keeps, as in IndexedDB. */
export async function signingKeyOf(pair: CryptoKeyPair): Promise<SigningKey> {
  return {
    publicPoint: new Uint8Array(await subtle().exportKey("raw", pair.publicKey)),
    sign: async (data) => new Uint8Array(await subtle().sign(ecdsa, pair.privateKey, data as Owned)),
  };
}

export function hmac(hash: HmacHash, key: Uint8Array, data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return computeWith("sign", { name: "HMAC", hash }, key, data);
}

export function hkdfSha256({ inputKey, salt, info, lengthBytes }: HkdfInput): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: salt as Owned, info: info as Owned };
  return computeWith("deriveBits", algorithm, inputKey, 8 * lengthBytes);
}

export function wrapRsaOaep(
  key: RsaPublicKey,
  contentKey: Uint8Array,
  hash: OaepHash,
): Promise<Uint8Array<ArrayBuffer>> {
  return withRsaKey(
    key,
    hash,
    async (publicKey) => new Uint8Array(await subtle().encrypt("RSA-OAEP", publicKey, contentKey as Owned)),
  );
}

export function rsaJwk(key: RsaPublicKey): Promise<RsaJwk> {
  return withRsaKey(key, "SHA-256", async (publicKey) => {
    const { n, e } = (await subtle().exportKey("jwk", publicKey)) as RsaJwk;
    return { kty: "RSA", n, e };
  });
}

/** @throws LinchpinError `public_key_unusable`: it is not fit to seal to, or what `use` rejects with */
async function withRsaKey<Result>(
  key: RsaPublicKey,
  hash: OaepHash,
  use: (publicKey: CryptoKey) => Promise<Result>,
): Promise<Result> {
  try {
    const [format, data] = "spki" in key ? ["spki", key.spki] : ["jwk", { kty: "RSA", n: key.n, e: key.e }];
    const algorithm = { name: "RSA-OAEP", hash };
    const publicKey = await subtle().importKey(format as "spki", data as Owned, algorithm, true, ["encrypt"]);
    const { modulusLength, publicExponent } = publicKey.algorithm as RsaHashedKeyAlgorithm;
    if (!isFitRsaKey(modulusLength, publicExponent)) throw new LinchpinError("public_key_unusable");
    return await use(publicKey);
  } catch (cause) {
    throw new LinchpinError("public_key_unusable", { cause });
  }
}

export async function verifyEcdsa(publicPoint: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const key = await importPoint(publicPoint, ecdsa, ["verify"]);
    return await subtle().verify(ecdsa, key, signature as Owned, data as Owned);
  } catch {
    return false;
  }
}

/** Some platforms would also import compressed and hybrid points. */
async function importPoint(point: Uint8Array, algorithm: EcKeyImportParams, usages: KeyUsage[]): Promise<CryptoKey> {
  if (point.length !== 65 || point[0] !== 0x04) throw new LinchpinError("public_key_unusable");
  return subtle().importKey("raw", point as Owned, algorithm, false, usages);
}

export async function makeAgreementKey(): Promise<AgreementKey> {
  const pair = await subtle().generateKey(ecdh, false, ["deriveBits"]);
  return {
    publicPoint: new Uint8Array(await subtle().exportKey("raw", pair.publicKey)),
    agree: async (peerPoint) => {
      try {
        const peer = await importPoint(peerPoint, ecdh, []);
        return new Uint8Array(await subtle().deriveBits({ name: "ECDH", public: peer }, pair.privateKey, 256));
      } catch (cause) {
        throw new LinchpinError("public_key_unusable", { cause });
      }
    },
  };
}

/** Its tag has 128 bits, unless another length is asked for. */
function aesGcm(iv: Uint8Array, aad: Uint8Array): AesGcmParams {
  return { name: "AES-GCM", iv: iv as Owned, additionalData: aad as Owned };
}

/**
 * Imports `key`, so that it can not be exported again, for one computation. Of `algorithm` each of the two steps takes what
 * it knows. `input` is data, and of `deriveBits` the number of bits.
 */
async function computeWith(
  use: "encrypt" | "decrypt" | "sign" | "deriveBits",
  algorithm: AesCbcParams | AesGcmParams | HmacImportParams | HkdfParams,
  key: Uint8Array,
  input: Uint8Array | number,
): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await subtle().importKey("raw", key as Owned, algorithm, false, [use]);
  return new Uint8Array(await subtle()[use](algorithm as never, imported, input as never));
}

/** Every way to fail is one. */
function opened<Result>(decrypted: Promise<Result>): Promise<Result> {
  return decrypted.catch(() => {
    throw new LinchpinError("decryption_failed");
  });
}
