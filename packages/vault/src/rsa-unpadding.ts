import { createHash } from "node:crypto";
import { secretBytes } from "@linchpin/core";

/**
 * RFC 8017 §7.2.2 step 3 for a message of `fallback`'s length, or `fallback` itself. As the length is known, so is every
 * byte's place: no branch and no index depends on what was decrypted (as RFC 5246 §7.4.7.1 does it in TLS). `fits` tells
 * whether `encoded` is the decryption of what was sent. Both buffers are wiped.
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

/** The same for RFC 8017 §7.1.2 step 3, with SHA-256, MGF1 with SHA-256 and no label: one failure for all (Manger). */
export function unpadOaep(encoded: Uint8Array, fits: boolean, fallback: Uint8Array): Uint8Array {
  const seed = xor(encoded.subarray(1, 1 + hashBytes), mgf1(encoded.subarray(1 + hashBytes), hashBytes));
  const block = xor(encoded.subarray(1 + hashBytes), mgf1(seed, encoded.length - 1 - hashBytes));
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

/** `fallback.length` bytes of `decrypted` from `start` on when nothing is wrong, else `fallback`. */
function choose(wrong: number, decrypted: Uint8Array, start: number, fallback: Uint8Array): Uint8Array {
  const keep = (wrong - 1) >> 31; // all ones when nothing is wrong, else zero
  const chosen = secretBytes(fallback.length);
  for (const [index, byte] of fallback.entries())
    chosen[index] = ((decrypted[start + index] ?? 0) & keep) | (byte & ~keep);
  decrypted.fill(0);
  fallback.fill(0);
  return chosen;
}

/** RFC 8017 §B.2.1. */
function mgf1(seed: Uint8Array, lengthBytes: number): Uint8Array {
  const mask = Buffer.alloc(Math.ceil(lengthBytes / hashBytes) * hashBytes);
  for (let counter = 0; counter * hashBytes < lengthBytes; counter++) {
    const hash = createHash("sha256")
      .update(seed)
      .update(Uint8Array.of(0, 0, 0, counter))
      .digest();
    hash.copy(mask, counter * hashBytes);
    hash.fill(0);
  }
  return mask.subarray(0, lengthBytes);
}

function xor(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  const result = bytes.map((byte, index) => byte ^ (mask[index] ?? 0));
  mask.fill(0);
  return result;
}

const hashBytes = 32;
const emptyLabelHash = createHash("sha256").digest();
