import { LinchpinError } from "./errors/errors.ts";

export { base64FromBytes, base64urlFromBytes, bytesFromBase64, bytesFromBase64url } from "#base64";
export { bytesFromOctets, textFromUtf8, utf8 } from "./text.ts";

// Every decoder takes the one canonical text of its bytes and refuses the rest: two texts of one ciphertext would
// be two ciphertexts to whoever compares texts. Node has node/encoding.ts in place of this file, by the condition in
// package.json.

/** Lower case. */
export function hexFromBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += (0x100 | byte).toString(16).slice(1);
  return text;
}

/** Either case. @throws LinchpinError `encoding_invalid` */
export function bytesFromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new LinchpinError("encoding_invalid");
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  return bytes;
}
