import type { RsaKeyAlgorithm } from "@linchpin/core";

/**
 * What a key computes: an RSA decryption (`rsaProfiles` of core has its padding), AES-256-GCM, HMAC-SHA-256, ECDSA P-256
 * with SHA-256, or the agreement of HPKE (`hpke7` of core: DHKEM(P-256, HKDF-SHA256)). The algorithm is fixed when the key
 * is made; a message never chooses it.
 */
export type KeyAlgorithm = RsaKeyAlgorithm | "A256GCM" | "HS256" | "ES256" | "HPKE-7";

/** A key, as a vault is asked to use it. */
export interface VaultKey {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  /** Meaningful only to the vault that made it: a sealed private key, or the name of an object in an HSM. */
  readonly handle: Uint8Array;
}

/**
 * Where keys are made and compute. The interface has four methods, so that an HSM can keep every private key inside.
 * The caller chooses a key's id; the handle that `makeKey` returns is all that is stored outside the vault.
 *
 * Every method rejects with `unavailable` when the vault cannot be reached, with `settings_invalid` when the vault is
 * set up for other keys than this one, and with `internal` when the key's algorithm is not one that the method takes.
 */
export interface Vault {
  /** Makes a key. `publicKeySpki` is DER; it is null for algorithms that have no public key. */
  makeKey(id: string, algorithm: KeyAlgorithm): Promise<{ handle: Uint8Array; publicKeySpki: Uint8Array | null }>;

  /**
   * Decrypts a wrapped content key with an RSA key, by the key's own padding alone: RSAES-OAEP (RFC 8017 §7.1.2) or
   * RSAES-PKCS1-v1_5 (§7.2.2). The result always has `lengthBytes` bytes, and no ciphertext causes an error: a
   * ciphertext that contains no content key of that length yields random bytes, which open nothing (implicit rejection,
   * RFC 7516 §11.5). So the caller has one way to fail, and does the same work for every ciphertext.
   *
   * A key whose row is of messages (`isMessage`) decrypts up to `lengthBytes` bytes: a shorter message stands at the end of
   * the result, behind zeros, so that the length of the result tells nothing of it.
   *
   * `fallback`, of `lengthBytes` bytes, is returned in place of random bytes. With it a caller tries several keys in
   * turn without revealing which one fitted.
   */
  unwrap(key: VaultKey, wrapped: Uint8Array, lengthBytes: number, fallback?: Uint8Array): Promise<Uint8Array>;

  /** Encrypts with a key of `A256GCM`. The result is `iv (12) ‖ ciphertext ‖ tag (16)`. */
  seal(key: VaultKey, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;

  /** Decrypts a result of `seal`. @throws LinchpinError `decryption_failed`: `sealed` or `associatedData` differs */
  open(key: VaultKey, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
}

/** A vault that also computes HMAC-SHA-256 (key algorithm `HS256`). A MAC has 32 bytes. */
export interface MacVault {
  mac(key: VaultKey, data: Uint8Array): Promise<Uint8Array>;
}

/** A vault that also signs: ECDSA P-256 over SHA-256 (key algorithm `ES256`). A signature is `r ‖ s`, 64 bytes. */
export interface SigningVault {
  sign(key: VaultKey, data: Uint8Array): Promise<Uint8Array>;
}

/**
 * A vault that also agrees on a secret with a static P-256 key (key algorithm `HPKE-7`): the function DH of RFC 9180
 * §4.1. The caller derives its keys from the secret, and wipes it.
 */
export interface AgreementVault {
  /**
   * The X coordinate of the shared point, 32 bytes. `publicPoint` is `04 ‖ X ‖ Y`, 65 bytes.
   *
   * @throws LinchpinError `public_key_unusable`: no uncompressed point of the curve, which is checked before the key is used
   */
  agree(key: VaultKey, publicPoint: Uint8Array): Promise<Uint8Array>;
}

/**
 * A vault that holds keys itself, and so must destroy them itself. A vault without this method keeps nothing outside
 * the handle: whoever erases the handle has destroyed the key.
 */
export interface DestroyingVault {
  /** Destroys a key for good. It is no error if the vault does not have the key. */
  destroyKey(key: VaultKey): Promise<void>;
}

/**
 * A vault that does not compute every algorithm: cloud KMS, for instance, have no RSAES-PKCS1-v1_5 decryption. A vault
 * without this method declines none.
 */
export interface DecliningVault {
  /**
   * Why the vault does not compute `algorithm`, in a few words for the operator; null if it does. The answer does not
   * change while the vault is open. Every method rejects with `settings_invalid` for an algorithm that is declined.
   */
  declines(algorithm: KeyAlgorithm): string | null;
}

/** A vault with whichever of the optional methods it has. */
export type AnyVault = Vault & Partial<MacVault & SigningVault & AgreementVault & DestroyingVault & DecliningVault>;
