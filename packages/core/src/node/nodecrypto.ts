import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  createSecretKey,
  type Decipheriv,
  ECDH,
  generateKeyPairSync,
  hash,
  hkdfSync,
  type KeyObject,
  publicEncrypt,
  sign,
  verify,
} from "node:crypto";
import { concatBytes, copySecret } from "../bytes.ts";
import { LinchpinError } from "../errors/errors.ts";
import { rsaJwkFromKey } from "../jose/jwk.ts";
import type { AgreementKey, Primitives, RsaPublicKey, SigningKey } from "../primitives.ts";
import { readRsaPublicKey } from "../rsa/rsa-public-key.ts";
import { randomBytes } from "./random-bytes.ts";

/**
 * Primitives on node:crypto: the issuer's, as each call costs less there than through WebCrypto. Keys are passed as
 * KeyObjects: for anything else, options around one included, Node throws and catches two errors, which takes longer
 * than most of the cryptography.
 */
export const nodeCryptoPrimitives: Primitives = {
  randomBytes,
  sha256: async (data) => owned(hash("sha256", data, "buffer")),
  hmac: async (hash, key, data) => owned(createHmac(hash, createSecretKey(key)).update(data).digest()),
  hkdfSha256: async ({ inputKey, salt, info, lengthBytes }) =>
    new Uint8Array(hkdfSync("sha256", createSecretKey(inputKey), salt, info, lengthBytes)),
  encryptAesCbc: async (key, iv, plaintext) => {
    const cipher = createCipheriv(cbcBySize(key), createSecretKey(key), iv);
    return owned(Buffer.concat([cipher.update(plaintext), cipher.final()]));
  },
  decryptAesCbc: async (key, iv, ciphertext) => {
    return decipherWith(() => createDecipheriv(cbcBySize(key), createSecretKey(key), iv), ciphertext);
  },
  encryptAesGcm: async (key, iv, plaintext, aad) => {
    const cipher = createCipheriv(gcmBySize(key), createSecretKey(key), iv).setAAD(aad);
    return owned(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
  },
  decryptAesGcm: async (key, iv, sealed, aad) => {
    return decipherWith(
      () => {
        const decipher = createDecipheriv(gcmBySize(key), createSecretKey(key), iv, { authTagLength: 16 });
        return decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
      },
      sealed.subarray(0, -16),
    );
  },
  wrapRsaOaep: async (key, contentKey, oaepHash) => {
    try {
      readRsaPublicKey(key);
      const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
      return owned(publicEncrypt({ key: importRsaPublicKey(key), ...padding }, contentKey));
    } catch (cause) {
      throw new LinchpinError("public_key_unusable", { cause });
    }
  },
  rsaJwk: async (key) => rsaJwkFromKey(key),
  isP256Point: async (publicPoint) => {
    if (!isUncompressed(publicPoint)) return false;
    try {
      ECDH.convertKey(publicPoint, "prime256v1"); // takes a third of the time of an import
      return true;
    } catch {
      return false;
    }
  },
  makeSigningKey: async () => makeSigningKey(),
  verifyEcdsa: async (publicPoint, data, signature) => {
    try {
      const key = rememberedKey(publicPoint);
      return signature.length === 64 && verify("sha256", data, key, signature);
    } catch {
      return false;
    }
  },
  makeAgreementKey: async () => makeAgreementKey(),
};

function makeSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicPoint: owned(publicKey.export({ format: "der", type: "spki" }).subarray(-65)),
    sign: async (data) => owned(sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" })),
  };
}

function makeAgreementKey(): AgreementKey {
  const key = createECDH("prime256v1");
  return {
    publicPoint: owned(key.generateKeys()),
    agree: async (peerPoint) => {
      try {
        // computeSecret would take compressed points too.
        if (!isUncompressed(peerPoint)) throw new LinchpinError("public_key_unusable");
        return owned(key.computeSecret(peerPoint));
      } catch (cause) {
        throw new LinchpinError("public_key_unusable", { cause });
      }
    },
  };
}

function cbcBySize(key: Uint8Array): string {
  return `aes-${8 * key.length}-cbc`;
}

function gcmBySize(key: Uint8Array): "aes-128-gcm" | "aes-256-gcm" {
  return key.length === 16 ? "aes-128-gcm" : "aes-256-gcm";
}

function importRsaPublicKey(key: RsaPublicKey): KeyObject {
  return "spki" in key
    ? createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" })
    : createPublicKey({ key: { kty: "RSA", n: key.n, e: key.e }, format: "jwk" });
}

function isUncompressed(point: Uint8Array): boolean {
  return point.length === 65 && point[0] === 0x04;
}

/** By way of PEM: it takes a third of the time of a JWK, as a text is no KeyObject without an error being thrown. */
function importP256Point(point: Uint8Array): KeyObject {
  if (!isUncompressed(point)) throw new LinchpinError("public_key_unusable");
  const spki = Buffer.concat([p256SpkiPrefix, point]).toString("base64");
  return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----`);
}

/** Keys that verify come again, as those of devices and the issuer's own do, and importing one costs as much as verifying. */
const rememberedKeys = new Map<string, KeyObject>();
const maxRememberedKeys = 1000;

function rememberedKey(point: Uint8Array): KeyObject {
  const name = Buffer.from(point).toString("latin1");
  const known = rememberedKeys.get(name);
  if (known !== undefined) return known;
  // The option of `verify`, read of the key itself: `r ‖ s`, not DER.
  const key = Object.assign(importP256Point(point), { dsaEncoding: "ieee-p1363" });
  const [oldest] = rememberedKeys.keys();
  if (oldest !== undefined && rememberedKeys.size >= maxRememberedKeys) rememberedKeys.delete(oldest);
  rememberedKeys.set(name, key);
  return key;
}

/** SubjectPublicKeyInfo up to the point (RFC 5480 §2): id-ecPublicKey, prime256v1, a BIT STRING of 65 bytes. */
const p256SpkiPrefix = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

/** An IV of the wrong length, a wrong tag and wrong padding are one error. No copy of the plaintext stays behind. */
function decipherWith(makeDecipher: () => Decipheriv, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    return decipherLeavingNothing(makeDecipher(), ciphertext);
  } catch {
    throw new LinchpinError("decryption_failed");
  }
}

/**
 * What a cipher decrypts, the only copy of it. Node lets it decrypt into memory that is a block too long, copies what
 * came and frees the rest as it is: of eight bytes, the allocator's own links take the place.
 * @throws Error when the tag or the padding is wrong
 */
export function decipherLeavingNothing(decipher: Decipheriv, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  try {
    for (let from = 0; from < ciphertext.length; from += pieceBytes)
      parts.push(decipher.update(ciphertext.subarray(from, from + pieceBytes)));
    parts.push(decipher.final());
    return concatBytes(...parts);
  } finally {
    for (const part of parts) part.fill(0);
  }
}

const pieceBytes = 8;

/** A plain Uint8Array of memory that nothing shares, as Buffer's pool is shared: wiping it wipes the only copy. */
function owned(buffer: Buffer): Uint8Array<ArrayBuffer> {
  if (buffer.length === buffer.buffer.byteLength) return new Uint8Array(buffer.buffer as ArrayBuffer);
  const bytes = copySecret(buffer);
  buffer.fill(0);
  return bytes;
}
