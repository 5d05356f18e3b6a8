import { createDecipheriv, createSecretKey } from "node:crypto";
import { decipherLeavingNothing } from "@linchpin/core/node";
import { maskedText } from "./masked-text.ts";
import type { Mistakes } from "./mistake.ts";

/** A PIN block of ISO 9564 format 2 as text under AES-128-GCM, whose session key was unwrapped as it must be. */
export interface BlockTextEvidence {
  readonly sessionKey: Uint8Array;
  readonly iv: Uint8Array;
  /** The tag behind, as it came. */
  readonly ciphertext: Uint8Array;
}

export const blockTextMistakes = {
  tagMissing: {
    says: "the tag of 16 bytes is missing: data must be base64 of the ciphertext and the tag, 32 bytes",
    shows: ({ ciphertext }) => ciphertext.length === 16,
  },
  tagFirst: {
    says: "the tag of 16 bytes stands before the ciphertext: it must stand behind",
    shows: (evidence) => {
      const { ciphertext } = evidence;
      return opens(evidence, ciphertext.subarray(16), ciphertext.subarray(0, 16), () => true);
    },
  },
  digitsAlone: {
    says: "what was sealed are the PIN's digits: seal the PIN block, `2`, the length, the digits, and F up to 16 characters",
    shows: (evidence) => holds(evidence, /^0{4,12}$/),
  },
  blockAsBytes: {
    says: "what was sealed are 8 bytes: the PIN block is its 16 hexadecimal digits as text",
    shows: (evidence) => opensTo(evidence, (clear) => clear.length === 8),
  },
  decimalLength: {
    says: "the block has 17 characters: its length is one hexadecimal digit, `a` to `c` for 10 to 12",
    shows: (evidence) =>
      holds(
        evidence,
        /^0{13,15}F*$/i,
        ([control, tens, units = 0]) => control === 0x32 && tens === 0x31 && units < 0x33,
      ),
  },
  otherControl: {
    says: "the block's first character is not 2: it is a block of ISO 9564 format 2",
    shows: (evidence) =>
      holds(evidence, /^[0a-f][0a-c]0{4}.{10}$/i, ([control, length = 0]) => control !== 0x32 && length > 0x33),
  },
  otherFill: {
    says: "the block is filled with other than F",
    shows: (evidence) =>
      holds(evidence, /^0[0a-c]0{4}[0a-f]{10}$/i, ([control, length = 0]) => control === 0x32 && length > 0x33),
  },
  notABlock: {
    says: "it opened, and holds no PIN block of ISO 9564 format 2 as text",
    shows: (evidence) => opensTo(evidence, () => true),
  },
  cbc: {
    says: "the block was sealed with AES-CBC, whose two blocks have 32 bytes as well: it must be AES-128-GCM",
    shows: ({ sessionKey, iv, ciphertext }) => iv.length === 16 && isBlockByCbc(sessionKey, iv, ciphertext),
  },
  otherTag: {
    says: "the tag does not verify: an AAD was set, the IV is another than the one that was sealed with, or data was altered",
    shows: ({ sessionKey, ciphertext }) => sessionKey.length === 16 && ciphertext.length >= 16,
  },
} as const satisfies Mistakes<BlockTextEvidence>;

const gcmOf = (key: Uint8Array) => (key.length === 16 ? "aes-128-gcm" : "aes-256-gcm");

function opensTo(evidence: BlockTextEvidence, isRight: (clear: Uint8Array) => boolean): boolean {
  const { ciphertext } = evidence;
  return opens(evidence, ciphertext.subarray(0, -16), ciphertext.subarray(-16), isRight);
}

/** The pattern sees masked text. */
function holds(evidence: BlockTextEvidence, pattern: RegExp, begins: (clear: Uint8Array) => boolean = () => true) {
  return opensTo(evidence, (clear) => begins(clear) && pattern.test(maskedText(clear)));
}

/** Wipes what was opened. */
function opens(
  { sessionKey, iv }: BlockTextEvidence,
  ciphertext: Uint8Array,
  tag: Uint8Array,
  isRight: (clear: Uint8Array) => boolean,
): boolean {
  try {
    const decipher = createDecipheriv(gcmOf(sessionKey), createSecretKey(sessionKey), iv, { authTagLength: 16 });
    const clear = decipherLeavingNothing(decipher.setAuthTag(tag), ciphertext);
    const isOpen = isRight(clear);
    clear.fill(0);
    return isOpen;
  } catch {
    return false;
  }
}

function isBlockByCbc(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): boolean {
  try {
    const name = key.length === 16 ? "aes-128-cbc" : "aes-256-cbc";
    const clear = decipherLeavingNothing(createDecipheriv(name, createSecretKey(key), iv), ciphertext);
    const isBlock = clear.every((byte) => byte >= 0x30 && byte < 0x67);
    clear.fill(0);
    return isBlock;
  } catch {
    return false;
  }
}
