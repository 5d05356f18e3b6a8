import { LinchpinError } from "../errors/errors.ts";

// What encoding.ts exports, by Node's own Buffer and coders: an issuer reads and writes more text than it computes.
// Buffer's pool keeps a copy of what it decodes for a while, as the text does that was decoded: no secret is read here
// that is to be wiped.

export function base64FromBytes(bytes: Uint8Array): string {
  return view(bytes).toString("base64");
}

export function bytesFromBase64(text: string): Uint8Array<ArrayBuffer> {
  return decode(text, "base64");
}

export function base64urlFromBytes(bytes: Uint8Array): string {
  return view(bytes).toString("base64url");
}

export function bytesFromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return decode(text, "base64url");
}

export function hexFromBytes(bytes: Uint8Array): string {
  return view(bytes).toString("hex");
}

export function bytesFromHex(text: string): Uint8Array<ArrayBuffer> {
  return decode(text.toLowerCase(), "hex");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

export function textFromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function bytesFromOctets(octets: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(octets, "latin1"));
}

export function octetsFromBytes(bytes: Uint8Array): string {
  return view(bytes).toString("latin1");
}

/** Buffer overlooks what is not of the encoding: what is written again must be the text that came. */
function decode(text: string, encoding: BufferEncoding): Uint8Array<ArrayBuffer> {
  const decoded = Buffer.from(text, encoding);
  if (decoded.toString(encoding) !== text) throw new LinchpinError("encoding_invalid");
  return new Uint8Array(decoded); // in memory of its own
}

/** The same memory. */
function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
