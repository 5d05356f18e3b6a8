import { createHash } from "node:crypto";
import { type OaepHash, secretBytes } from "@linchpin/core";
import { mgf1, unmask } from "./mgf1.ts";

// Removes RSA paddings for keys whose vault cannot. No branch and no index depends on what was decrypted: the length of a
// key is known beforehand, and with it the place of every byte (as RFC 5246 §7.4.7.1 does it for TLS); a message of any
// length is taken from the same place each time, and what stands before it is masked.

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
  const { block, emptyLabelHash } = unmaskOaep(encoded, hash);
  const hashBytes = emptyLabelHash.length;
  const separatorAt = block.length - fallback.length - 1;
  let wrong = fits && separatorAt >= hashBytes ? (encoded[0] ?? 1) : 0xff;
  for (const [index, byte] of block.subarray(0, Math.max(separatorAt + 1, hashBytes)).entries()) {
    if (index < hashBytes) wrong |= byte ^ (emptyLabelHash[index] ?? 0);
    else wrong |= index === separatorAt ? byte ^ 1 : byte;
  }
  encoded.fill(0);
  return choose(wrong, block, separatorAt + 1, fallback);
}

/**
 * As `unpadOaep`, for a message of at most `fallback.length` bytes, whose length is a secret too: it stands at the end of
 * the result, behind zeros.
 */
export function unpadOaepMessage(encoded: Uint8Array, fits: boolean, fallback: Uint8Array, hash: OaepHash): Uint8Array {
  const { block, emptyLabelHash } = unmaskOaep(encoded, hash);
  const hashBytes = emptyLabelHash.length;
  const messageAt = block.length - fallback.length;
  let wrong = fits && messageAt > hashBytes ? (encoded[0] ?? 1) : 0xff;
  let isPadding = -1; // all bits are 1 until the separator, else 0
  for (const [index, byte] of block.entries()) {
    if (index < hashBytes) {
      wrong |= byte ^ (emptyLabelHash[index] ?? 0);
      continue;
    }
    const isNotZero = -((byte + 0xff) >>> 8);
    wrong |= isPadding & isNotZero & (byte ^ 1);
    const isMessage = ~isPadding;
    isPadding &= ~isNotZero;
    // A message that is longer than what is asked for does not fit.
    if (index < messageAt - 1) wrong |= ~isPadding & 1;
    block[index] = byte & isMessage;
  }
  encoded.fill(0);
  return choose((wrong | (isPadding & 1)) & 0xff, block, messageAt, fallback);
}

/** The data block of RFC 8017 §7.1.2 step 3.f, and the hash that it must begin with. */
function unmaskOaep(encoded: Uint8Array, hash: OaepHash): { block: Uint8Array; emptyLabelHash: Uint8Array } {
  const emptyLabelHash = createHash(hash).digest();
  const hashBytes = emptyLabelHash.length;
  const seed = unmask(encoded.subarray(1, 1 + hashBytes), mgf1(hash, encoded.subarray(1 + hashBytes), hashBytes));
  const block = unmask(encoded.subarray(1 + hashBytes), mgf1(hash, seed, encoded.length - 1 - hashBytes));
  seed.fill(0);
  return { block, emptyLabelHash };
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
