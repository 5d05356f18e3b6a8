/** A private key as PKCS#8 and its public key as SPKI, both in DER. Whoever receives one wipes `secret`. */
export interface KeyPair {
  readonly secret: Uint8Array;
  readonly publicKeySpki: Uint8Array;
}

/** Returns a key pair that `generate` made: now, or, for issuers of tests, earlier in this process. */
export type KeyPairSource = (kind: "rsa" | "rsa-4096" | "ec", generate: () => Promise<KeyPair>) => Promise<KeyPair>;

export const freshKeyPairs: KeyPairSource = (_kind, generate) => generate();
