import type { KeyPurpose } from "@linchpin/vault";

const dayMs = 24 * 60 * 60 * 1000;

/** Every key that the issuer holds, by what it is for: its algorithm, and how long a version is accepted after the next one came. */
export const keyPurposes = {
  /** PINs that come in by Solaris' protocol and by the issuer API. */
  "solaris-pin": { algorithm: "RSA-OAEP-256", overlapMs: dayMs },
  /** Stored PINs. An old version opens what it sealed for as long as that is there. */
  "card-pin": { algorithm: "A256GCM", overlapMs: null },
  /** OTPs, TANs, strings to sign, and the texts of messages. */
  secret: { algorithm: "A256GCM", overlapMs: null },
} as const satisfies Record<string, KeyPurpose>;

export type Purpose = keyof typeof keyPurposes;
