/**
 * What core computes on: handed in, so that a device brings WebCrypto and the issuer node:crypto.
 * Keys, IVs, messages and results are raw bytes. What is sealed wrongly fails with `decryption_failed`, and with nothing else.
 */
export interface Primitives {
  /** @throws LinchpinError `random_unavailable` where the platform has no source; never a weaker one. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  sha256(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** RFC 2104: as many bytes as the hash has. */
  hmac(hash: HmacHash, key: Uint8Array, data: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  hkdfSha256(input: HkdfInput): Promise<Uint8Array<ArrayBuffer>>;

  /** AES-CBC with PKCS#7 padding, 16-byte IV, key of 16 or 32 bytes. */
  encryptAesCbc(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws LinchpinError `decryption_failed` */
  decryptAesCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;

  /** AES-GCM, IV of 12 or 16 bytes (SP 800-38D §7.1), key of 16 or 32 bytes: `ciphertext ‖ tag (16)`. */
  encryptAesGcm(
    key: Uint8Array,
    iv: Uint8Array,
    plaintext: Uint8Array,
    aad: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws LinchpinError `decryption_failed` */
  decryptAesGcm(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * RSAES-OAEP, `hash` for hash and MGF1, empty label.
   * @throws LinchpinError `public_key_unusable`: no RSA key, a modulus of less than 2048 bits, a public exponent that is
   *   even or less than 65537 (FIPS 186-5 §5.4), as with 0 or 1 nothing would be sealed and platforms take such keys
   */
  wrapRsaOaep(key: RsaPublicKey, contentKey: Uint8Array, hash: OaepHash): Promise<Uint8Array<ArrayBuffer>>;
  /** The one JWK of a key that is fit to seal to. @throws LinchpinError `public_key_unusable`, as `wrapRsaOaep` */
  rsaJwk(key: RsaPublicKey): Promise<RsaJwk>;

  /** Whether 65 bytes `04 ‖ X ‖ Y` are a point of P-256. Compressed points are not. */
  isP256Point(publicPoint: Uint8Array): Promise<boolean>;
  /** ECDSA P-256 key whose private half stays in the platform. */
  makeSigningKey(): Promise<SigningKey>;
  /** `signature` is `r ‖ s`, 64 bytes. A key that is no point of the curve verifies nothing. */
  verifyEcdsa(publicPoint: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean>;

  /** ECDH P-256 key, for one agreement. */
  makeAgreementKey(): Promise<AgreementKey>;
}

/** Those that a profile takes. Each primitives' implementation has all of them. */
export type HmacHash = "SHA-256" | "SHA-512";
export type OaepHash = "SHA-256" | "SHA-1" | "SHA-512";

/** A JWK's `n` and `e` as base64url, or an SPKI in DER. */
export type RsaPublicKey = Pick<RsaJwk, "n" | "e"> | { readonly spki: Uint8Array };

export interface RsaJwk {
  readonly kty: "RSA";
  /** Base64urlUInt (RFC 7518 §2): no leading zeros. */
  readonly n: string;
  readonly e: string;
}

export interface HkdfInput {
  readonly inputKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly info: Uint8Array;
  readonly lengthBytes: number;
}

export interface SigningKey {
  /** Uncompressed point `04 ‖ X ‖ Y`, 65 bytes. */
  readonly publicPoint: Uint8Array;
  /** ECDSA over SHA-256 of `data`: `r ‖ s`, 64 bytes. */
  sign(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}

export interface AgreementKey {
  /** Uncompressed point `04 ‖ X ‖ Y`, 65 bytes. */
  readonly publicPoint: Uint8Array;
  /** The X coordinate, 32 bytes. @throws LinchpinError `public_key_unusable` for what is no uncompressed point of the curve. */
  agree(peerPoint: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}
