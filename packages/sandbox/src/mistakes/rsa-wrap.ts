import type { RsaScheme } from "@linchpin/vault/sandbox";
import type { Mistakes } from "./mistake.ts";

/** A content key or session key as it came in, and what opens it. */
export interface RsaWrapEvidence {
  readonly wrapped: Uint8Array;
  /** The issuer's key and the scheme that open it; null: none of the issuer's keys does, by any scheme. */
  readonly found: {
    readonly purpose: string;
    readonly keyId: string;
    readonly scheme: RsaScheme;
    readonly content: Uint8Array;
  } | null;
  readonly expected: {
    readonly purpose: string;
    readonly scheme: "OAEP-SHA256" | "OAEP-SHA1" | "OAEP-SHA512" | "PKCS1";
    /** Null: what is wrapped is judged by other rows. */
    readonly contentKeyBytes: number | null;
    /** The key that the message names; null where it names none. */
    readonly keyId: string | null;
  };
}

const names = {
  "OAEP-SHA256": "RSA-OAEP-256 (SHA-256 for hash and MGF1)",
  "OAEP-SHA1": "RSA-OAEP (SHA-1 for hash and MGF1)",
  "OAEP-SHA512": "RSA-OAEP-512 (SHA-512 for hash and MGF1)",
  PKCS1: "RSAES-PKCS1-v1_5",
} as const;
const profile = ({ expected }: RsaWrapEvidence) => `the profile is ${names[expected.scheme]}`;
const isScheme = (scheme: RsaScheme) => (evidence: RsaWrapEvidence) =>
  evidence.found?.scheme === scheme && evidence.expected.scheme !== scheme;
const rsa2048Bytes = 256;

export const rsaWrapMistakes = {
  rsa1024: {
    says: "the encrypted key has 128 bytes: it was wrapped to an RSA-1024 key, and the issuer's has 2048 bits",
    shows: ({ wrapped }) => wrapped.length === 128,
  },
  otherLength: {
    says: ({ wrapped }) =>
      `the encrypted key has ${wrapped.length} bytes, RSA-2048 makes ${rsa2048Bytes}: a leading zero byte belongs to it`,
    shows: ({ wrapped }) => wrapped.length !== rsa2048Bytes,
  },
  mgf1Sha1: {
    says: (evidence) =>
      `the key was wrapped with OAEP SHA-256 but MGF1 with SHA-1, Java's default: name MGF1ParameterSpec.SHA256 too; ${profile(evidence)}`,
    shows: isScheme("OAEP-SHA256-MGF1-SHA1"),
  },
  sha512Mgf1Sha1: {
    says: (evidence) =>
      `the key was wrapped with OAEP SHA-512 but MGF1 with SHA-1, Java's default: name MGF1ParameterSpec.SHA512 too; ${profile(evidence)}`,
    shows: isScheme("OAEP-SHA512-MGF1-SHA1"),
  },
  oaepSha512: {
    says: (evidence) => `the key was wrapped with OAEP SHA-512: ${profile(evidence)}`,
    shows: isScheme("OAEP-SHA512"),
  },
  oaepSha1: {
    says: (evidence) => `the key was wrapped with OAEP SHA-1 (RSA-OAEP): ${profile(evidence)}`,
    shows: isScheme("OAEP-SHA1"),
  },
  oaepSha256: {
    says: (evidence) => `the key was wrapped with OAEP SHA-256: ${profile(evidence)}`,
    shows: isScheme("OAEP-SHA256"),
  },
  pkcs1: {
    says: (evidence) => `the key was wrapped with PKCS#1 v1.5 (RSA1_5): ${profile(evidence)}`,
    shows: isScheme("PKCS1"),
  },
  otherPurpose: {
    says: ({ found, expected }) =>
      `the key was wrapped to the issuer's key for ${found?.purpose}: fetch the one for ${expected.purpose}`,
    shows: ({ found, expected }) => found !== null && found.purpose !== expected.purpose,
  },
  otherVersion: {
    says: ({ found, expected }) =>
      `the key was wrapped to key ${found?.keyId}, and the message names ${expected.keyId}: take id and key from one answer`,
    shows: ({ found, expected }) => found !== null && expected.keyId !== null && found.keyId !== expected.keyId,
  },
  wrappedAsText: {
    says: ({ found, expected }) =>
      `what was wrapped is text of ${found?.content.length} characters: wrap the ${expected.contentKeyBytes} bytes of the key, not their hex or base64`,
    shows: ({ found, expected }) =>
      found !== null &&
      expected.contentKeyBytes !== null &&
      found.content.length > expected.contentKeyBytes &&
      found.content.every((byte) => byte > 0x20 && byte < 0x7f),
  },
  keyOf24Bytes: {
    says: "the key that was wrapped has 24 bytes, as for AES-192 or TDES: take a key of AES-256",
    shows: ({ found, expected }) => found?.content.length === 24 && ![24, null].includes(expected.contentKeyBytes),
  },
  otherKeyLength: {
    says: ({ found, expected }) =>
      `the key that was wrapped has ${found?.content.length} bytes: it must have ${expected.contentKeyBytes}`,
    shows: ({ found, expected }) =>
      found !== null && expected.contentKeyBytes !== null && found.content.length !== expected.contentKeyBytes,
  },
  otherKey: {
    says: "no key of this issuer opens it: it was wrapped to another RSA key, as of another issuer or an earlier data folder; fetch the key before each message",
    shows: ({ found }) => found === null,
  },
} as const satisfies Mistakes<RsaWrapEvidence>;
