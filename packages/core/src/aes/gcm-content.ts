import { LinchpinError } from "../errors/errors.ts";
import type { Primitives } from "../primitives.ts";

// AES-GCM (SP 800-38D) under a key that both sides hold, without AAD, the tag of 16 bytes behind: a closed table. Which
// row holds is fixed by the protocol, never by the message.

export interface GcmProfile {
  readonly keyBytes: number;
  /** The lengths of an IV that are opened; it is sealed with the first. */
  readonly ivBytes: readonly [number, ...number[]];
}

/**
 * AES-128. An IV of 16 bytes is another case than one of 12 with four bytes more: the counter block is then a GHASH of
 * it (§7.1).
 */
export const aes128Gcm: GcmProfile = { keyBytes: 16, ivBytes: [16, 12] };

/** The same with AES-256. */
export const aes256Gcm: GcmProfile = { keyBytes: 32, ivBytes: [16, 12] };

export interface GcmContent {
  readonly iv: Uint8Array;
  /** The tag of 16 bytes behind. */
  readonly ciphertext: Uint8Array;
}

/** Seals with a fresh IV. `key` has the profile's length. */
export async function sealGcm(
  primitives: Pick<Primitives, "randomBytes" | "encryptAesGcm">,
  { ivBytes }: GcmProfile,
  plaintext: Uint8Array,
  key: Uint8Array,
): Promise<GcmContent> {
  const iv = primitives.randomBytes(ivBytes[0]);
  return { iv, ciphertext: await primitives.encryptAesGcm(key, iv, plaintext, noAad) };
}

/**
 * The caller wipes what it opens to. A key or an IV of another length and a tag that does not verify are one error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openGcm(
  primitives: Pick<Primitives, "decryptAesGcm">,
  { keyBytes, ivBytes }: GcmProfile,
  { iv, ciphertext }: GcmContent,
  key: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  if (key.length !== keyBytes || !ivBytes.includes(iv.length)) throw new LinchpinError("decryption_failed");
  return primitives.decryptAesGcm(key, iv, ciphertext, noAad);
}

const noAad = new Uint8Array();
