import { LinchpinError } from "../errors/errors.ts";
import type { Primitives, RsaPublicKey } from "../primitives.ts";
import { encryptRsaPkcs1 } from "./rsa-pkcs1.ts";

// How an RSA key encrypts: a closed table. The key's record names the row, never the message; a key serves one row alone.
// Each row is a constant of its own, so that a device's bundle holds those that it uses.

/** RSAES-OAEP (RFC 8017 §7.1) with an empty label; `alg` is JOSE's (RFC 7518 §4.3). */
export const rsaOaep256 = { alg: "RSA-OAEP-256", oaep: "SHA-256" } as const;

/** The same with SHA-1, which MGF1 uses too. */
export const rsaOaep = { alg: "RSA-OAEP", oaep: "SHA-1" } as const;

/** The same with SHA-512, which MGF1 uses too; `alg` is the name that WebCrypto registered for it. */
const rsaOaep512 = { alg: "RSA-OAEP-512", oaep: "SHA-512" } as const;

/**
 * `rsaOaep` by a modulus of 4096 bits, over a message whose length the sender chooses, as against a key whose length is
 * fixed. A device seals by `rsaOaep`: the two differ in nothing that it computes.
 */
export const rsaOaepMessage = { alg: "RSA-OAEP", oaep: "SHA-1", modulusBits: 4096, isMessage: true } as const;

/** RSAES-PKCS1-v1_5 (RFC 8017 §7.2); `alg` is JOSE's (RFC 7518 §4.2). */
export const rsaPkcs1 = { alg: "RSA1_5", oaep: null } as const;

/** By the algorithm of a key's record. */
export const rsaProfiles = {
  "RSA-OAEP-256": rsaOaep256,
  "RSA-OAEP": rsaOaep,
  "RSA-OAEP-512": rsaOaep512,
  "RSA-OAEP-MESSAGE": rsaOaepMessage,
  "RSA-PKCS1": rsaPkcs1,
} as const;

export type RsaKeyAlgorithm = keyof typeof rsaProfiles;

export type RsaProfile = (typeof rsaProfiles)[RsaKeyAlgorithm];

/**
 * Encrypts a message, such as a session key, as the profile says: as many bytes as the modulus has.
 * @throws LinchpinError `public_key_unusable`: no fit RSA key, a message that is too long for it, or a profile of OAEP where
 *   the primitives have none
 */
export async function encryptRsa(
  primitives: Pick<Primitives, "randomBytes"> & Partial<Pick<Primitives, "wrapRsaOaep">>,
  { oaep }: RsaProfile,
  key: RsaPublicKey,
  message: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (oaep === null) return encryptRsaPkcs1(primitives, key, message);
  if (primitives.wrapRsaOaep === undefined)
    throw new LinchpinError("public_key_unusable", { reason: "these primitives have no OAEP" });
  return primitives.wrapRsaOaep(key, message, oaep);
}
