import { createCipheriv, createDecipheriv, type KeyObject } from "node:crypto";
import { decipherLeavingNothing } from "@linchpin/core/node";

/** AES-256-GCM with a 12-byte IV and a 16-byte tag: `iv ‖ ciphertext ‖ tag`. An IV serves one key once. */
export function sealAesGcm(key: KeyObject, iv: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes });
  cipher.setAAD(associatedData);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** What `sealAesGcm` took; null when anything differs. */
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
