/** What a key computes. Fixed when the key is made; a message never chooses it. */
export type KeyAlgorithm = "RSA-OAEP-256" | "RSA-PKCS1" | "A256GCM" | "HS256" | "ES256";

/** A key as the vault is asked to use it. */
export interface VaultKey {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  /** Opaque to all but the vault that made it: a sealed private key, or the name of an object in an HSM. */
  readonly handle: Uint8Array;
}

/**
 * Where keys compute. Four methods, so that an HSM can keep every private key inside.
 * A key is made with an id of the caller's; what comes back is all that is stored outside the vault.
 *
 * Every method rejects with `unavailable` when the vault can not be reached, with `settings_invalid` when it is set
 * up for other keys than this one, and with `internal` when the key's algorithm is not the one the method takes.
 */
export interface Vault {
  /** Makes a key. `publicKeySpki` is DER, and null for algorithms that have no public key. */
  makeKey(id: string, algorithm: KeyAlgorithm): Promise<{ handle: Uint8Array; publicKeySpki: Uint8Array | null }>;

  /**
   * By a key of `RSA-OAEP-256` (RFC 8017 §7.1.2) or of `RSA-PKCS1` (§7.2.2), and by that algorithm alone, the content
   * key inside `wrapped`: always `lengthBytes` bytes, never an error for what was sent. A ciphertext that holds no key
   * of that length yields random bytes, which open nothing (implicit rejection, RFC 7516 §11.5), so that the caller
   * has one way to fail and does the same work on it. `otherwise`, of `lengthBytes` bytes, is given back in place of
   * random ones: by it several keys are tried in a row without telling which one fitted.
   */
  unwrap(key: VaultKey, wrapped: Uint8Array, lengthBytes: number, otherwise?: Uint8Array): Promise<Uint8Array>;

  /** By a key of `A256GCM`: `iv (12) ‖ ciphertext ‖ tag (16)`. */
  seal(key: VaultKey, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;

  /** What `seal` took. @throws LinchpinError `decryption_failed` when anything differs. */
  open(key: VaultKey, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
}

/** A vault that also computes HMAC-SHA-256 (key algorithm `HS256`), 32 bytes. */
export interface MacVault {
  mac(key: VaultKey, data: Uint8Array): Promise<Uint8Array>;
}

/** A vault that also signs: ECDSA P-256 over SHA-256 (key algorithm `ES256`), `r ‖ s`, 64 bytes. */
export interface SigningVault {
  sign(key: VaultKey, data: Uint8Array): Promise<Uint8Array>;
}

/**
 * A vault that holds keys itself, and so must be told when one is to go. A vault without it keeps nothing but what
 * stands in the handle: erasing the record's handle destroys the key.
 */
export interface DestroyingVault {
  /** For good. A key that is not there (any more) is destroyed already: that is no error. */
  destroyKey(key: VaultKey): Promise<void>;
}
