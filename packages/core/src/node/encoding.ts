import { LinchpinError } from "../errors/errors.ts";

// What encoding.ts exports, by Node's own Buffer and coders: an issuer reads and writes more text than it computes.

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
  return decode(text, "hex");
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text.toWellFormed()); // throws where there is no text, of which the encoder makes one
}

export function textFromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function bytesFromOctets(octets: string): Uint8Array<ArrayBuffer> {
  return takeOut(Buffer.from(octets, "latin1"));
}

/** Buffer overlooks what is not of the encoding: what is written again must be the text that came. */
function decode(text: string, encoding: "base64" | "base64url" | "hex"): Uint8Array<ArrayBuffer> {
  if (typeof text !== "string") throw new LinchpinError("encoding_invalid");
  const decoded = Buffer.from(text, encoding);
  const isCanonical = decoded.toString(encoding) === (encoding === "hex" ? text.toLowerCase() : text);
  const bytes = takeOut(decoded);
  if (!isCanonical) throw new LinchpinError("encoding_invalid");
  return bytes;
}

/** In memory of their own: Buffer's pool, which all of a process share, keeps nothing of them. */
function takeOut(decoded: Buffer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(decoded);
  decoded.fill(0);
  return bytes;
}

/** The same memory. */
function view({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
