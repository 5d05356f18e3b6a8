import {
  constants,
  createHmac,
  createPrivateKey,
  createSecretKey,
  diffieHellman,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  sign,
} from "node:crypto";
import { promisify } from "node:util";
import { LinchpinError, type OaepHash, secretBytes } from "@linchpin/core";
import { nodeCryptoPrimitives } from "@linchpin/core/node";
import { ivBytes, openAesGcm, sealAesGcm } from "../aes-gcm.ts";
import { isOfMessages, isRsa, isSymmetric, modulusBitsOf, oaepHashOf } from "../algorithms.ts";
import { freshKeyPairs, type KeyPair, type KeyPairSource } from "../key-pair.ts";
import { importPeerPoint } from "../peer-point.ts";
import { unpadPkcs1 } from "../rsa-unpadding.ts";
import type { AgreementVault, KeyAlgorithm, MacVault, SigningVault, Vault, VaultKey } from "../vault.ts";
import { openKeyHandle, sealKeyHandle } from "./key-handle.ts";

/**
 * A vault whose keys compute in this process, with node:crypto. A handle is the private key, encrypted under the master
 * key (32 bytes).
 *
 * Every method that takes a key rejects with `settings_invalid` when the master key does not fit the key's handle.
 */
export class SoftwareVault implements Vault, MacVault, SigningVault, AgreementVault {
  readonly #masterKey: KeyObject;
  readonly #rsaModulusBits: number;
  readonly #random: (lengthBytes: number) => Uint8Array;
  readonly #keyPairs: KeyPairSource;
  /** Keys whose handles were decrypted, oldest first. */
  readonly #cachedKeys = new Map<string, { handle: Uint8Array; algorithm: KeyAlgorithm; keyObject: KeyObject }>();

  constructor(
    masterKey: Uint8Array,
    options: {
      rsaModulusBits?: 2048 | 3072 | 4096;
      random?: (lengthBytes: number) => Uint8Array;
      keyPairs?: KeyPairSource;
    } = {},
  ) {
    if (masterKey.length !== 32)
      throw new LinchpinError("settings_invalid", { reason: "a master key is 32 bytes long" });
    this.#masterKey = createSecretKey(masterKey);
    this.#rsaModulusBits = options.rsaModulusBits ?? 2048;
    this.#random = options.random ?? nodeCryptoPrimitives.randomBytes;
    this.#keyPairs = options.keyPairs ?? freshKeyPairs;
  }

  async makeKey(id: string, algorithm: KeyAlgorithm) {
    const { secret, publicKeySpki } = await this.#generate(algorithm);
    const handle = sealKeyHandle(this.#masterKey, { id, algorithm }, this.#random(ivBytes), secret);
    secret.fill(0);
    return { handle, publicKeySpki };
  }

  async unwrap(key: VaultKey, wrapped: Uint8Array, lengthBytes: number, fallback?: Uint8Array): Promise<Uint8Array> {
    // Drawn on every call, so that a ciphertext that opens costs the same as one that does not.
    const substitute = this.#random(lengthBytes);
    if (fallback !== undefined) substitute.set(fallback);
    const algorithm = isRsa(key.algorithm) ? key.algorithm : "RSA-OAEP-256";
    const rsaKey = this.#use(key, algorithm);
    if (oaepHashOf(algorithm) === null) return decryptPkcs1(rsaKey, wrapped, substitute);
    const content = decryptOaep(rsaKey, wrapped);
    const fits =
      content !== null && (isOfMessages(algorithm) ? content.length <= lengthBytes : content.length === lengthBytes);
    if (!fits) {
      content?.fill(0);
      return substitute;
    }
    substitute.fill(0);
    return content.length === lengthBytes ? content : behindZeros(content, lengthBytes);
  }

  async seal(key: VaultKey, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return sealAesGcm(this.#use(key, "A256GCM"), this.#random(ivBytes), plaintext, associatedData);
  }

  async open(key: VaultKey, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    const plaintext = openAesGcm(this.#use(key, "A256GCM"), sealed, associatedData);
    if (plaintext === null) throw new LinchpinError("decryption_failed");
    return plaintext;
  }

  async mac(key: VaultKey, data: Uint8Array): Promise<Uint8Array> {
    return createHmac("sha256", this.#use(key, "HS256")).update(data).digest();
  }

  async sign(key: VaultKey, data: Uint8Array): Promise<Uint8Array> {
    return sign("sha256", data, this.#use(key, "ES256"));
  }

  async agree(key: VaultKey, publicPoint: Uint8Array): Promise<Uint8Array> {
    const privateKey = this.#use(key, "HPKE-7");
    return diffieHellman({ privateKey, publicKey: importPeerPoint(publicPoint) });
  }

  async #generate(algorithm: KeyAlgorithm): Promise<{ secret: Uint8Array; publicKeySpki: Uint8Array | null }> {
    if (isSymmetric(algorithm)) return { secret: this.#random(32), publicKeySpki: null };
    if (!isRsa(algorithm))
      return this.#keyPairs("ec", async () => exported(await generate("ec", { namedCurve: "P-256" })));
    const bits = modulusBitsOf(algorithm);
    const rsa = { modulusLength: bits ?? this.#rsaModulusBits, publicExponent: 65537 };
    return this.#keyPairs(bits === 4096 ? "rsa-4096" : "rsa", async () => exported(await generate("rsa", rsa)));
  }

  /** Decrypts the key's handle, unless the key is still cached. A key of another algorithm is a mistake of the caller. */
  #use(key: VaultKey, algorithm: KeyAlgorithm): KeyObject {
    if (key.algorithm !== algorithm)
      throw new LinchpinError("internal", { reason: `this takes a key of ${algorithm}, not of ${key.algorithm}` });
    const cached = this.#cachedKeys.get(key.id);
    if (cached?.algorithm === algorithm && Buffer.compare(cached.handle, key.handle) === 0) return cached.keyObject;
    const keyObject = importSecret(algorithm, openKeyHandle(this.#masterKey, key));
    this.#cache(key, keyObject);
    return keyObject;
  }

  #cache({ id, algorithm, handle }: VaultKey, keyObject: KeyObject): void {
    const [oldest] = this.#cachedKeys.keys();
    if (this.#cachedKeys.size >= maxCachedKeys && oldest !== undefined) this.#cachedKeys.delete(oldest);
    this.#cachedKeys.set(id, { handle: Uint8Array.from(handle), algorithm, keyObject });
  }
}

function exported({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): KeyPair {
  return {
    secret: privateKey.export({ type: "pkcs8", format: "der" }),
    publicKeySpki: publicKey.export({ type: "spki", format: "der" }),
  };
}

/** RFC 8017 §7.1.2 with one hash for OAEP and MGF1, and no label; null if the ciphertext does not decrypt. */
function decryptOaep(key: KeyObject, wrapped: Uint8Array): Buffer | null {
  const { ciphertext, fits } = ofModulusLength(key, wrapped);
  try {
    const plaintext = privateDecrypt(key, ciphertext);
    return fits ? plaintext : null;
  } catch {
    return null;
  }
}

/** `message` at the end of `lengthBytes` bytes. It is wiped. */
function behindZeros(message: Uint8Array, lengthBytes: number): Uint8Array {
  const whole = secretBytes(lengthBytes);
  whole.set(message, lengthBytes - message.length);
  message.fill(0);
  return whole;
}

/**
 * RFC 8017 §7.2.2. OpenSSL's own implicit rejection is not used: it answers with a message of another length, which
 * reveals that the padding was wrong.
 */
function decryptPkcs1(key: KeyObject, wrapped: Uint8Array, fallback: Uint8Array): Uint8Array {
  const { ciphertext, fits } = ofModulusLength(key, wrapped);
  return unpadPkcs1(decryptRaw(key, ciphertext), fits, fallback);
}

/**
 * RSADP (RFC 8017 §5.1.2): as many bytes as the modulus has. A ciphertext that is not below the modulus yields zeros;
 * anyone can see that it is not.
 */
function decryptRaw(key: KeyObject, ciphertext: Uint8Array): Buffer {
  try {
    return privateDecrypt(key, ciphertext);
  } catch {
    return Buffer.alloc(ciphertext.length);
  }
}

/**
 * A ciphertext of the modulus's length, and whether it is the one that was sent. OpenSSL accepts a ciphertext without its
 * leading zeros, and RFC 8017 does not: one of another length is replaced, so that the work stays the same.
 */
function ofModulusLength(key: KeyObject, wrapped: Uint8Array): { ciphertext: Uint8Array; fits: boolean } {
  const modulusBytes = modulusBytesOf(key);
  const fits = wrapped.length === modulusBytes;
  return { ciphertext: fits ? wrapped : Buffer.alloc(modulusBytes, 1), fits };
}

const knownModulusBytes = new WeakMap<KeyObject, number>();

/** Remembered, because Node asks OpenSSL for all details of a key each time. */
function modulusBytesOf(key: KeyObject): number {
  const known = knownModulusBytes.get(key);
  if (known !== undefined) return known;
  const modulusBytes = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  knownModulusBytes.set(key, modulusBytes);
  return modulusBytes;
}

function importSecret(algorithm: KeyAlgorithm, secret: Buffer): KeyObject {
  const keyObject = isSymmetric(algorithm)
    ? createSecretKey(secret)
    : createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
  secret.fill(0);
  if (algorithm === "ES256") return Object.assign(keyObject, signatureOptions);
  return isRsa(algorithm) ? Object.assign(keyObject, decryptionOptions(oaepHashOf(algorithm))) : keyObject;
}

/** The options of `sign`, read of the key itself as those of `privateDecrypt` are: `r ‖ s` instead of DER. */
const signatureOptions = { dsaEncoding: "ieee-p1363" } as const;

/**
 * The options of `privateDecrypt`, which it reads of the key itself: for an object around the key Node throws and catches
 * two errors at each call, a tenth of the time that the decryption takes. Were they not read, OAEP with SHA-1 would be
 * tried, and nothing would open.
 */
function decryptionOptions(oaepHash: OaepHash | null) {
  return oaepHash === null
    ? { padding: constants.RSA_NO_PADDING }
    : { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
}

const generate = promisify(generateKeyPair);
const maxCachedKeys = 64;
