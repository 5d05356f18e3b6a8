import {
  type AgreementKey,
  applyRsaPublicKey,
  concatBytes,
  type HmacHash,
  LinchpinError,
  type OaepHash,
  type Primitives,
  type RsaPublicKey,
  readRsaPublicKey,
  rsaJwkFromKey,
  type SigningKey,
} from "@linchpin/core";
import { cbc, gcm } from "@noble/ciphers/aes.js";
import { p256 } from "@noble/curves/nist.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";

/** What fills bytes at random: `crypto` where there is one, or what a React Native package brings. */
export interface RandomSource {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown;
}

/**
 * Primitives in plain JavaScript, on @noble/*, for platforms without WebCrypto. Private keys lie in memory, where the
 * same JavaScript can read them.
 * @throws LinchpinError `random_unavailable` without a source; later too, where it leaves bytes as they were
 */
export function noblePrimitives(source: RandomSource | undefined): Primitives {
  if (typeof source?.getRandomValues !== "function") throw new LinchpinError("random_unavailable");
  const randomBytes = (length: number) => fillAtRandom(source, length);
  return {
    randomBytes,
    sha256: async (data) => owned(sha256(data)),
    hmac: async (hash, key, data) => owned(hmac(hashes[hash], key, data)),
    hkdfSha256: async ({ inputKey, salt, info, lengthBytes }) => owned(hkdf(sha256, inputKey, salt, info, lengthBytes)),
    encryptAesCbc: async (key, iv, plaintext) => owned(cbc(key, iv).encrypt(plaintext)),
    decryptAesCbc: async (key, iv, ciphertext) => opened(() => cbc(key, iv).decrypt(ciphertext)),
    encryptAesGcm: async (key, iv, plaintext, aad) => owned(gcm(key, iv, aad).encrypt(plaintext)),
    decryptAesGcm: async (key, iv, sealed, aad) => opened(() => gcm(key, iv, aad).decrypt(sealed)),
    wrapRsaOaep: async (key, contentKey, hash) => wrapRsaOaep(randomBytes, hashes[hash], key, contentKey),
    rsaJwk: async (key) => rsaJwkFromKey(key),
    isP256Point: async (publicPoint) => isUncompressedPoint(publicPoint),
    makeSigningKey: async () => signingKeyOf(source, makeSecretKey(source)),
    verifyEcdsa: async (publicPoint, data, signature) => verifyEcdsa(publicPoint, data, signature),
    makeAgreementKey: async () => agreementKeyOf(makeSecretKey(source)),
  };
}

const hashes = { "SHA-1": sha1, "SHA-256": sha256, "SHA-512": sha512 } satisfies Record<HmacHash | OaepHash, unknown>;

/** A P-256 private key, 32 bytes. */
export function makeSecretKey(source: RandomSource): Uint8Array<ArrayBuffer> {
  return owned(p256.utils.randomSecretKey(fillAtRandom(source, p256.lengths.seed ?? 48)));
}

/** The signing key of a P-256 private key that the caller keeps. Signatures are hedged: RFC 6979 §3.6. */
export function signingKeyOf(source: RandomSource, secretKey: Uint8Array): SigningKey {
  return {
    publicPoint: owned(p256.getPublicKey(secretKey, false)),
    sign: async (data) => owned(p256.sign(data, secretKey, { lowS: false, extraEntropy: fillAtRandom(source, 32) })),
  };
}

function agreementKeyOf(secretKey: Uint8Array): AgreementKey {
  return {
    publicPoint: owned(p256.getPublicKey(secretKey, false)),
    agree: async (peerPoint) => {
      if (!isUncompressedPoint(peerPoint)) throw new LinchpinError("public_key_unusable");
      return p256.getSharedSecret(secretKey, peerPoint).slice(1) as Uint8Array<ArrayBuffer>;
    },
  };
}

/** A source that does nothing leaves zeros, as 16 bytes at random are once in 2^128 times. */
function fillAtRandom(source: RandomSource, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  source.getRandomValues(bytes);
  if (length >= 16 && bytes.every((byte) => byte === 0)) throw new LinchpinError("random_unavailable");
  return bytes;
}

/** RSAES-OAEP-ENCRYPT, RFC 8017 §7.1.1, with an empty label. */
function wrapRsaOaep(
  randomBytes: Primitives["randomBytes"],
  hash: (typeof hashes)[OaepHash],
  key: RsaPublicKey,
  message: Uint8Array,
) {
  const numbers = readRsaPublicKey(key);
  const labelHash = hash(new Uint8Array(0));
  const padding = numbers.lengthBytes - message.length - 2 * labelHash.length - 2;
  if (padding < 0) throw new LinchpinError("public_key_unusable");
  const dataBlock = concatBytes(labelHash, new Uint8Array(padding), Uint8Array.of(1), message);
  const seed = randomBytes(labelHash.length);
  combine(dataBlock, maskOf(hash, seed, dataBlock.length));
  combine(seed, maskOf(hash, dataBlock, seed.length));
  return applyRsaPublicKey(numbers, concatBytes(Uint8Array.of(0), seed, dataBlock));
}

/** MGF1, RFC 8017 §B.2.1, of fewer than 256 blocks. */
function maskOf(hash: (typeof hashes)[OaepHash], seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / hash.outputLen) }, (_, counter) =>
    hash(concatBytes(seed, Uint8Array.of(0, 0, 0, counter))),
  );
  return concatBytes(...blocks).subarray(0, length);
}

/** `bytes` becomes `bytes XOR mask`. */
function combine(bytes: Uint8Array, mask: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) bytes[index] = (bytes[index] as number) ^ (mask[index] as number);
}

function isUncompressedPoint(point: Uint8Array): boolean {
  return point.length === 65 && point[0] === 0x04 && p256.utils.isValidPublicKey(point, false);
}

function verifyEcdsa(publicPoint: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || !isUncompressedPoint(publicPoint)) return false;
  try {
    return p256.verify(signature, data, publicPoint, { lowS: false });
  } catch {
    return false;
  }
}

/** Every way to fail is one. */
function opened(decrypt: () => Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    return owned(decrypt());
  } catch {
    throw new LinchpinError("decryption_failed");
  }
}

/** In memory of its own, so that wiping it wipes all; what it was taken from is wiped. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  new Uint8Array(bytes.buffer).fill(0);
  return copy;
}
