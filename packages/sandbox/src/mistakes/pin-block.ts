import { createDecipheriv, createSecretKey } from "node:crypto";
import type { Mistakes } from "./mistake.ts";

/** A PIN block of ISO 9564 format 4 that did not open under a session key that was unwrapped as it must be. */
export interface PinBlockEvidence {
  readonly sessionKey: Uint8Array;
  readonly block: Uint8Array;
  /** In the place of the PAN. */
  readonly token: string;
}

export const pinBlockMistakes = {
  bothBlocksOfCbc: {
    says: "the block has 32 bytes: AES-CBC over PIN field and PAN field makes two blocks, and the PIN block is the last one",
    shows: ({ sessionKey, block, token }) =>
      block.length === 32 && isPinField(bothPasses(sessionKey, block.subarray(16), token)),
  },
  blockThenPadding: {
    says: "the block has 32 bytes: AES-CBC or ECB has added a block of padding; switch padding off, and encipher twice with the PAN field between (ISO 9564-1 §9.4.2.3)",
    shows: ({ sessionKey, block }) =>
      block.length === 32 &&
      (isPinField(firstPass(sessionKey, block.subarray(0, 16))) || endsInPadding(sessionKey, block)),
  },
  onePass: {
    says: "the PIN field was enciphered once: encipher it, combine it with the PAN field by XOR, and encipher it again (ISO 9564-1 §9.4.2.3)",
    shows: ({ sessionKey, block, token }) =>
      isPinField(firstPass(sessionKey, block)) || isPinField(combined(firstPass(sessionKey, block), token)),
  },
  control0: {
    says: "the control field of the PIN field is 0: format 4 has 4 as its first digit",
    shows: ({ sessionKey, block, token }) => isPinField(bothPasses(sessionKey, block, token), 0),
  },
  fillF: {
    says: "the PIN field is filled with F: format 4 fills with A",
    shows: ({ sessionKey, block, token }) => isPinField(bothPasses(sessionKey, block, token), 4, 0xf),
  },
  otherToken: {
    says: "the session key was unwrapped, and the block under it opens to no PIN field: it was made with another token than the one in the request, or under another session key",
    shows: ({ sessionKey, block, token }) => block.length === 16 && !isPinField(bothPasses(sessionKey, block, token)),
  },
} as const satisfies Mistakes<PinBlockEvidence>;

/** Deciphers whole blocks once, by AES with a key of 16 or 32 bytes. */
export function firstPass(key: Uint8Array, block: Uint8Array): Buffer {
  const decipher = createDecipheriv(`aes-${8 * key.length}-ecb`, createSecretKey(key), null).setAutoPadding(false);
  const field = decipher.update(block.subarray(0, block.length - (block.length % 16)));
  // With a KeyObject and to its end: else the memory that held the key is given back as it is.
  decipher.final();
  return field;
}

/** In place: `field` may hold a PIN. `panField`: what stands before the zeros, in hex. */
export function combinedWith(field: Buffer, panField: string): Buffer {
  Buffer.from(panField.padEnd(32, "0"), "hex").forEach((byte, index) => {
    field[index] = (field[index] ?? 0) ^ byte;
  });
  return field;
}

/** A PAN of 12 to 19 digits, or a token of 16. */
export function combined(field: Buffer, pan: string): Buffer {
  return combinedWith(field, `${pan.length - 12}${pan}`);
}

export function bothPasses(key: Uint8Array, block: Uint8Array, token: string): Buffer {
  return firstPass(key, combined(firstPass(key, block), token));
}

function endsInPadding(key: Uint8Array, block: Uint8Array): boolean {
  return firstPass(key, block.subarray(16)).every((byte) => byte === 16);
}

/** Whether it is a control field, a length, so many decimal digits and the fill. Wipes it. */
export function isPinField(field: Buffer, control = 4, fill = 0xa): boolean {
  const nibbles = Array.from(
    { length: 16 },
    (_, index) => ((field[index >> 1] ?? 0) >> (index % 2 === 0 ? 4 : 0)) & 0xf,
  );
  field.fill(0);
  const [first, length = 0, ...rest] = nibbles;
  const isRight =
    first === control &&
    length >= 4 &&
    length <= 12 &&
    rest.slice(0, length).every((nibble) => nibble <= 9) &&
    rest.slice(length).every((nibble) => nibble === fill || (control === 0 && nibble >= 0xa));
  nibbles.fill(0);
  rest.fill(0);
  return isRight;
}
