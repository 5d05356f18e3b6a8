import type { Mistakes } from "./mistake.ts";
import { bothPasses, combined, combinedWith, firstPass, isPinField } from "./pin-block.ts";

/** A block of ISO 9564 format 4 that is to be bound to a card's PAN, under a session key that was unwrapped as it must be. */
export interface BoundPinBlockEvidence {
  readonly sessionKey: Uint8Array;
  /** 16 bytes. */
  readonly block: Uint8Array;
  readonly pan: string;
}

/** The block opens to a PIN field where this stands in the place of the PAN field. */
const opensWith = (panFieldOf: (pan: string) => string) => (evidence: BoundPinBlockEvidence) => {
  const { sessionKey, block, pan } = evidence;
  return isPinField(firstPass(sessionKey, combinedWith(firstPass(sessionKey, block), panFieldOf(pan))));
};

export const boundPinBlockMistakes = {
  panFieldOfFormat0: {
    says: "the PAN field is that of format 0 (12 digits without the check digit): format 4 has the PAN's length less 12, then all its digits, then zeros",
    shows: opensWith((pan) => pan.slice(0, -1).slice(-12).padStart(16, "0")),
  },
  noPanLength: {
    says: "the PAN field lacks its first digit: it is the PAN's length less 12, 4 for a PAN of 16 digits",
    shows: opensWith((pan) => pan),
  },
  noXor: {
    says: "the PIN field was enciphered twice without the PAN field between: combine them by XOR between the two passes (ISO 9564-1 §9.4.2.3)",
    shows: ({ sessionKey, block }) => isPinField(firstPass(sessionKey, firstPass(sessionKey, block))),
  },
  xorBeforeFirstPass: {
    says: "the PAN field was combined with the PIN field before the first pass: encipher the PIN field, combine by XOR, encipher again (ISO 9564-1 §9.4.2.3)",
    shows: ({ sessionKey, block, pan }) =>
      isPinField(combined(firstPass(sessionKey, firstPass(sessionKey, block)), pan)),
  },
  fill0: {
    says: "the PIN field is filled with 0: format 4 fills with A",
    shows: ({ sessionKey, block, pan }) => isPinField(bothPasses(sessionKey, block, pan), 4, 0),
  },
  decimalLength: {
    says: "the length of the PIN stands as two decimal digits: it is one hexadecimal digit, A for 10, B for 11, C for 12",
    shows: ({ sessionKey, block, pan }) => hasDecimalLength(bothPasses(sessionKey, block, pan)),
  },
  otherPan: {
    says: "the session key was unwrapped, and the block under it opens to no PIN field for this card's PAN: it was made with a token or another card's PAN, or under another session key",
    shows: ({ sessionKey, block, pan }) => !isPinField(bothPasses(sessionKey, block, pan)),
  },
} as const satisfies Mistakes<BoundPinBlockEvidence>;

/** `4`, `10` to `12`, so many decimal digits. Wipes it. */
function hasDecimalLength(field: Buffer): boolean {
  const nibbles = Array.from({ length: 15 }, (_, at) => ((field[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 0xf);
  field.fill(0);
  const [control, ten, one = 0, ...digits] = nibbles;
  const isDecimal = control === 4 && ten === 1 && one <= 2 && digits.slice(0, 10 + one).every((digit) => digit <= 9);
  nibbles.fill(0);
  digits.fill(0);
  return isDecimal;
}

/** The hex of a PIN block, as it stands in a request. */
export interface PinBlockTextEvidence {
  readonly name: string;
  readonly text: string;
}

export const pinBlockTextMistakes = {
  digitsForBlock: {
    says: ({ name }) => `${name} is digits alone, as a PIN is: it must be a PIN block under the session key`,
    shows: ({ text }) => /^[0-9]{4,12}$/.test(text),
  },
  eightBytes: {
    says: ({ name }) => `${name} is the hex of 8 bytes, as a block of format 0, 1 or 3 has: format 4 has 16`,
    shows: ({ text }) => /^[0-9a-fA-F]{16}$/.test(text),
  },
  twoBlocks: {
    says: ({ name }) =>
      `${name} is the hex of 32 bytes: CBC or a padding has added a block; encipher single blocks, without padding`,
    shows: ({ text }) => /^[0-9a-fA-F]{64}$/.test(text),
  },
} as const satisfies Mistakes<PinBlockTextEvidence>;

/** Which of two key sets a message names, and which one it was wrapped to. */
export interface KeySetEvidence {
  readonly named: string;
  /** Null: to no key of the two. */
  readonly wrappedTo: string | null;
}

export const keySetMistakes = {
  otherSet: {
    says: ({ named, wrappedTo }) =>
      `the session key was wrapped to key set ${wrappedTo}, and keyId says ${named}: take keyId and key of one set`,
    shows: ({ named, wrappedTo }) => wrappedTo !== null && wrappedTo !== named,
  },
} as const satisfies Mistakes<KeySetEvidence>;
