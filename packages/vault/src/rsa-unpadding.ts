import { createHash } from "node:crypto";
import { type OaepHash, secretBytes } from "@linchpin/core";
import { mgf1, unmask } from "./mgf1.ts";

// Removes RSA paddings for keys whose vault cannot. The length of the message is known beforehand, and with it the place
// of every byte, so that no branch and no index depends on what was decrypted (as RFC 5246 §7.4.7.1 does it for TLS).

/**
 * RFC 8017 §7.2.2 step 3, for a message of `fallback.length` bytes. Returns the message, or the bytes of `fallback` if
 * the padding is wrong, the length differs, or `fits` is false. `fits` says whether `encoded` is the decryption of the
 * ciphertext that was sent. `encoded` and `fallback` are wiped.
 */
export function unpadPkcs1(encoded: Uint8Array, fits: boolean, fallback: Uint8Array): Uint8Array {
  const separatorAt = encoded.length - fallback.length - 1;
  let wrong = fits && separatorAt >= 10 ? 0 : 0xff;
  for (const [index, byte] of encoded.subarray(0, Math.max(separatorAt + 1, 2)).entries()) {
    if (index === 0 || index === separatorAt) wrong |= byte;
    else if (index === 1) wrong |= byte ^ 2;
    else wrong |= (byte - 1) >>> 31; // 1 for a zero within the padding
  }
  return choose(wrong, encoded, separatorAt + 1, fallback);
}

/**
 * As `unpadPkcs1`, for RFC 8017 §7.1.2 step 3 with one hash for OAEP and MGF1, and no label. All failures are one, which
 * is what prevents Manger's attack.
 */
export function unpadOaep(encoded: Uint8Array, fits: boolean, fallback: Uint8Array, hash: OaepHash): Uint8Array {
  const emptyLabelHash = createHash(hash).digest();
  const hashBytes = emptyLabelHash.length;
  const seed = unmask(encoded.subarray(1, 1 + hashBytes), mgf1(hash, encoded.subarray(1 + hashBytes), hashBytes));
  const block = unmask(encoded.subarray(1 + hashBytes), mgf1(hash, seed, encoded.length - 1 - hashBytes));
  const separatorAt = block.length - fallback.length - 1;
  let wrong = fits && separatorAt >= hashBytes ? (encoded[0] ?? 1) : 0xff;
  for (const [index, byte] of block.subarray(0, Math.max(separatorAt + 1, hashBytes)).entries()) {
    if (index < hashBytes) wrong |= byte ^ (emptyLabelHash[index] ?? 0);
    else wrong |= index === separatorAt ? byte ^ 1 : byte;
  }
  encoded.fill(0);
  seed.fill(0);
  return choose(wrong, block, separatorAt + 1, fallback);
}

/** The bytes of `decrypted` from `start` on if `wrong` is 0, else `fallback`. Both buffers are wiped. */
function choose(wrong: number, decrypted: Uint8Array, start: number, fallback: Uint8Array): Uint8Array {
  const keep = (wrong - 1) >> 31; // all bits are 1 if nothing is wrong, else 0
  const chosen = secretBytes(fallback.length);
  for (const [index, byte] of fallback.entries())
    chosen[index] = ((decrypted[start + index] ?? 0) & keep) | (byte & ~keep);
  decrypted.fill(0);
  fallback.fill(0);
  return chosen;
}
