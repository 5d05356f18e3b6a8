/**
 * Bytes as text, for patterns: each byte is a character, and each digit is 0. So a PIN that was opened becomes no string,
 * and no copy of it stays behind.
 */
export function maskedText(clear: Uint8Array): string {
  const masked = clear.map((byte) => (byte >= 0x30 && byte <= 0x39 ? 0x30 : byte));
  return Buffer.from(masked).toString("latin1");
}
