import { LinchpinError } from "./errors.ts";

// Every decoder takes the one canonical text of its bytes and refuses the rest: two texts of one ciphertext would
// be two ciphertexts to whoever compares texts.

/** Lower case. */
export function hexFromBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Either case. @throws LinchpinError `encoding_invalid` */
export function bytesFromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new LinchpinError("encoding_invalid");
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

/** RFC 4648 §4, padded. */
export function base64FromBytes(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** RFC 4648 §4, padded, canonical. @throws LinchpinError `encoding_invalid` */
export function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new LinchpinError("encoding_invalid");
  }
  if (base64FromBytes(bytes) !== text) throw new LinchpinError("encoding_invalid");
  return bytes;
}

/** RFC 7515 §2: URL-safe alphabet, no padding. */
export function base64urlFromBytes(bytes: Uint8Array): string {
  return base64FromBytes(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** RFC 7515 §2, canonical. @throws LinchpinError `encoding_invalid` */
export function bytesFromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (/[^A-Za-z0-9_-]/.test(text)) throw new LinchpinError("encoding_invalid");
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  return bytesFromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
}
