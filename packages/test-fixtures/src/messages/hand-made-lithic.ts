import { constants, publicEncrypt } from "node:crypto";

/** How a message is sealed, by node:crypto and nothing of ours. */
export interface LithicSealing {
  readonly padding?: "oaep" | "pkcs1";
  /** Of OAEP and its MGF1. */
  readonly hash?: "sha1" | "sha256" | "sha512";
  readonly label?: Uint8Array;
  readonly encoding?: "base64" | "base64url" | "hex";
}

/** A sealed PIN as Lithic's protocol has it, or with what integrators do otherwise. */
export function handMadeLithicPin(
  publicKeyPem: string,
  message: string | Uint8Array,
  { padding = "oaep", hash = "sha1", label, encoding = "base64" }: LithicSealing = {},
): string {
  const scheme =
    padding === "oaep"
      ? { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash, ...(label && { oaepLabel: label }) }
      : { padding: constants.RSA_PKCS1_PADDING };
  return publicEncrypt({ key: publicKeyPem, ...scheme }, Buffer.from(message)).toString(encoding);
}

/** A nonce of 12 digits, which no other has. */
export function freshNonce(): string {
  return `1${crypto.getRandomValues(new BigUint64Array(1))[0]?.toString().padStart(20, "0").slice(0, 11)}`;
}

/** `{"nonce":…,"pin":"…"}` with a fresh nonce. */
export const messageOf = (digits: string, nonce = freshNonce()): string => `{"nonce":${nonce},"pin":"${digits}"}`;
