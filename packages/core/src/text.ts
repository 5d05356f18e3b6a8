/** A lone surrogate becomes U+FFFD. Not every platform has a TextEncoder. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return bytesFromOctets(unescape(encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, "\ufffd"))));
}

/** The other way round. @throws an error of the platform's own, without a byte of it: no UTF-8 */
export function textFromUtf8(bytes: Uint8Array): string {
  return decodeURIComponent(escape(octetsFromBytes(bytes)));
}

/** A character of `octets`, at most U+00FF, is a byte. */
export function bytesFromOctets(octets: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(octets.length); // Uint8Array.from takes ten times as long
  for (let index = 0; index < octets.length; index++) bytes[index] = octets.charCodeAt(index);
  return bytes;
}

/** The other way round. */
export function octetsFromBytes(bytes: Uint8Array): string {
  let octets = "";
  for (const byte of bytes) octets += String.fromCharCode(byte);
  return octets;
}
