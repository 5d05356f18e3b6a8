import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { decipherLeavingNothing } from "@linchpin/core/node";

/**
 * Encrypts with AES-256-GCM. The result is `iv (12) ‖ ciphertext ‖ tag (16)`. The caller never uses an IV twice with one
 * key.
 */
export function sealAesGcm(key: KeyObject, iv: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes });
  cipher.setAAD(associatedData);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Decrypts a result of `sealAesGcm`; null if the bytes, the key or the associated data differ. */
export function openAesGcm(key: KeyObject, sealed: Uint8Array, associatedData: Uint8Array): Buffer | null {
  if (sealed.length < ivBytes + tagBytes) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.from(decipherLeavingNothing(decipher, sealed.subarray(ivBytes, -tagBytes)).buffer);
  } catch {
    return null;
  }
}

export const ivBytes = 12;
export const tagBytes = 16;
