import { LinchpinError } from "./errors/errors.ts";

// For platforms without `atob`, as Hermes long was, and for the device library in Node. Browsers have
// base64-by-browser.ts in its place, by the condition in package.json.

/** RFC 4648 §4, padded. */
export function base64FromBytes(bytes: Uint8Array): string {
  const text = encode(bytes, base64Alphabet);
  return text + "=".repeat(-text.length & 3);
}

/** RFC 4648 §4, padded, canonical. @throws LinchpinError `encoding_invalid` */
export function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 4 !== 0) throw new LinchpinError("encoding_invalid");
  // `=+` would try each run of "=" from each of its characters: work that grows with the square of the length.
  return decode(text.replace(/={1,2}$/, ""), base64Alphabet);
}

/** RFC 7515 §2: URL-safe alphabet, no padding. */
export function base64urlFromBytes(bytes: Uint8Array): string {
  return encode(bytes, base64urlAlphabet);
}

/** RFC 7515 §2, canonical. @throws LinchpinError `encoding_invalid` */
export function bytesFromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return decode(text, base64urlAlphabet);
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const base64urlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Without padding. */
function encode(bytes: Uint8Array, alphabet: string): string {
  let text = "";
  let bits = 0;
  let shift = -6;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (shift += 8; shift >= 0; shift -= 6) text += alphabet[(bits >> shift) & 63];
  }
  return shift > -6 ? text + alphabet[(bits << -shift) & 63] : text;
}

/** Without padding. A digit of another alphabet, one that stands alone and bits that no byte takes are refused. */
function decode(text: string, alphabet: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((text.length * 3) >> 2);
  let bits = 0;
  let rest = 0;
  let written = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) throw new LinchpinError("encoding_invalid");
    bits = (bits << 6) | digit;
    rest = (rest + 6) % 8;
    if (rest < 6) bytes[written++] = bits >> rest;
  }
  if (rest > 4 || bits & ((1 << rest) - 1)) throw new LinchpinError("encoding_invalid");
  return bytes;
}
