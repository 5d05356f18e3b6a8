import { randomBytes } from "node:crypto";

/** EME-PKCS1-v1_5 (RFC 8017 §7.2.1 step 2) with parts that a test can replace, for blocks that `publicEncrypt` never makes. */
export function encodePkcs1(
  modulusBytes: number,
  message: Uint8Array,
  { firstByte = 0, blockType = 2, separator = 0, zeroAt = 0 } = {},
): Buffer {
  const padding = randomBytes(modulusBytes - message.length - 3).map((byte) => byte || 1);
  const block = Buffer.concat([Uint8Array.of(firstByte, blockType), padding, Uint8Array.of(separator), message]);
  if (zeroAt > 0) block[zeroAt] = 0;
  return block;
}
