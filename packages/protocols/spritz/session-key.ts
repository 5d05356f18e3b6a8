import { secretBytes } from "@linchpin/core";

/** What the RSA ciphertext holds: the base64 text of the session key, as all clients of Rain have it, or its bytes. */
export type WrappedForm = "base64" | "raw";

/** How many bytes are wrapped for a session key of this length. */
export function wrappedLengthOf(form: WrappedForm, keyBytes: number): number {
  return form === "raw" ? keyBytes : 4 * Math.ceil(keyBytes / 3);
}

/**
 * The session key in what was unwrapped, or null where it is no canonical base64 of a key of this length. On bytes: no
 * part of it becomes a string. `wrapped` is wiped.
 */
export function readSessionKey(wrapped: Uint8Array, form: WrappedForm, keyBytes: number): Uint8Array | null {
  const key = secretBytes(keyBytes);
  const isKey = form === "raw" ? copyInto(key, wrapped) : decodeInto(key, wrapped);
  wrapped.fill(0);
  if (isKey) return key;
  key.fill(0);
  return null;
}

function copyInto(key: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes.length !== key.length) return false;
  key.set(bytes);
  return true;
}

/** RFC 4648 §4, padded and canonical. Every character is looked at, whatever the ones before it are. */
function decodeInto(key: Uint8Array, text: Uint8Array): boolean {
  if (text.length !== wrappedLengthOf("base64", key.length)) return false;
  const digits = Math.ceil((key.length * 4) / 3);
  let sign = 0; // negative once something is wrong
  for (let start = 0; start < text.length; start += 4) {
    let group = 0;
    for (let index = start; index < start + 4; index++) {
      const character = text[index] as number;
      const digit = index < digits ? digitOf(character) : character === 0x3d ? 0 : -1;
      sign |= digit;
      group = (group << 6) | (digit & 63);
    }
    for (let index = 0; index < 3; index++) {
      const byte = (group >> (16 - 8 * index)) & 0xff;
      const at = (start / 4) * 3 + index;
      if (at < key.length) key[at] = byte;
      else sign |= -byte; // bits that no byte takes
    }
  }
  return sign >= 0;
}

function digitOf(character: number): number {
  if (character >= 0x41 && character <= 0x5a) return character - 0x41;
  if (character >= 0x61 && character <= 0x7a) return character - 0x47;
  if (character >= 0x30 && character <= 0x39) return character + 4;
  if (character === 0x2b) return 62;
  return character === 0x2f ? 63 : -1;
}
