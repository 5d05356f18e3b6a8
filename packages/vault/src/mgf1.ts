import { createHash } from "node:crypto";

/** MGF1 (RFC 8017 §B.2.1): a mask of `lengthBytes` bytes. */
export function mgf1(hash: string, seed: Uint8Array, lengthBytes: number): Uint8Array {
  const mask = Buffer.alloc(lengthBytes);
  for (let counter = 0, filledBytes = 0; filledBytes < lengthBytes; counter++) {
    const digest = createHash(hash)
      .update(seed)
      .update(Uint8Array.of(0, 0, 0, counter))
      .digest();
    filledBytes += digest.copy(mask, filledBytes);
    digest.fill(0);
  }
  return mask;
}

/** `bytes` XOR `mask`, which are of the same length. The mask is wiped. */
export function unmask(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  const unmasked = bytes.map((byte, index) => byte ^ (mask[index] ?? 0));
  mask.fill(0);
  return unmasked;
}
