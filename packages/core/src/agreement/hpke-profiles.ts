// Which HPKE (RFC 9180) there are: a closed table. A protocol, and the record of the key that is sealed to, fix the row.
// Each row is a constant of its own, so that a device's bundle holds those that it uses. Every row has the KEM
// DHKEM(P-256, HKDF-SHA256) and the KDF HKDF-SHA256.

export interface HpkeProfile {
  /** The algorithm's name in JOSE (draft-ietf-jose-hpke-encrypt). */
  readonly alg: "HPKE-0" | "HPKE-7";
  /** RFC 9180 §7.3. */
  readonly aeadId: 0x0001 | 0x0002;
  /** Nk of RFC 9180 §7.3. */
  readonly contentKeyBytes: 16 | 32;
}

/** With AES-128-GCM. */
export const hpke0: HpkeProfile = { alg: "HPKE-0", aeadId: 0x0001, contentKeyBytes: 16 };

/** With AES-256-GCM. */
export const hpke7: HpkeProfile = { alg: "HPKE-7", aeadId: 0x0002, contentKeyBytes: 32 };
