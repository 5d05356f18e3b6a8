import { createDecipheriv, createHmac, createSecretKey } from "node:crypto";
import { decipherLeavingNothing } from "@linchpin/core/node";
import type { Mistakes } from "./mistake.ts";

/** What was sealed under a content key that was unwrapped as it must be. */
export interface ContentCipherEvidence {
  readonly cipher: "AES-256-GCM" | "A256CBC-HS512" | "A128CBC-HS256";
  readonly contentKey: Uint8Array;
  readonly iv: Uint8Array;
  /** With GCM's tag as it came; a JWE's without its tag. */
  readonly ciphertext: Uint8Array;
  /** Of a JWE: its tag, and what was authenticated beside the ciphertext. */
  readonly tag: Uint8Array;
  readonly aad: Uint8Array;
}

const isGcm = ({ cipher }: ContentCipherEvidence) => cipher === "AES-256-GCM";

export const contentCipherMistakes = {
  tagFirst: {
    says: "the tag of 16 bytes stands before the ciphertext: it must stand behind",
    shows: (evidence) => {
      const { contentKey, iv, ciphertext } = evidence;
      return isGcm(evidence) && opensByGcm(contentKey, iv, ciphertext.subarray(16), ciphertext.subarray(0, 16));
    },
  },
  longIv: {
    says: ({ iv }) => `the IV has ${iv.length} bytes: GCM takes 12 here`,
    shows: (evidence) => {
      const { contentKey, iv, ciphertext } = evidence;
      const tagAt = ciphertext.length - 16;
      const isOther = isGcm(evidence) && iv.length !== 12;
      return isOther && opensByGcm(contentKey, iv, ciphertext.subarray(0, tagAt), ciphertext.subarray(tagAt));
    },
  },
  noTag: {
    says: "the tag of 16 bytes is missing: it must stand behind the ciphertext",
    shows: (evidence) => isGcm(evidence) && evidence.iv.length === 12 && isJsonByCounter(evidence),
  },
  cbc: {
    says: "the content was sealed with AES-CBC: it must be AES-256-GCM with an IV of 12 bytes",
    shows: (evidence) => isGcm(evidence) && evidence.iv.length === 16 && isJsonByCbc(evidence),
  },
  keyHalvesSwapped: {
    says: ({ contentKey }) =>
      `the halves of the content key are swapped: the first ${contentKey.length / 2} bytes are for the MAC, the last for AES (RFC 7518 §5.2.2.1)`,
    shows: (evidence) => {
      const half = evidence.contentKey.length / 2;
      return !isGcm(evidence) && isTagOf(evidence, evidence.contentKey.subarray(half), evidence.aad);
    },
  },
  otherAad: {
    says: "the tag does not cover the header's base64url text: that is the additional authenticated data (RFC 7516 §5.1 step 14)",
    shows: (evidence) => {
      const macKey = evidence.contentKey.subarray(0, evidence.contentKey.length / 2);
      const header = Buffer.from(Buffer.from(evidence.aad).toString("latin1"), "base64url");
      return !isGcm(evidence) && [new Uint8Array(0), header].some((aad) => isTagOf(evidence, macKey, aad));
    },
  },
} as const satisfies Mistakes<ContentCipherEvidence>;

/** RFC 7518 §5.2.2.1: the tag is the first half of the HMAC. */
function isTagOf({ cipher, iv, ciphertext, tag }: ContentCipherEvidence, macKey: Uint8Array, aad: Uint8Array): boolean {
  const aadBits = Buffer.alloc(8);
  aadBits.writeBigUInt64BE(BigInt(8 * aad.length));
  const mac = createHmac(cipher === "A128CBC-HS256" ? "sha256" : "sha512", createSecretKey(macKey))
    .update(aad)
    .update(iv)
    .update(ciphertext);
  return mac.update(aadBits).digest().subarray(0, macKey.length).equals(tag);
}

function opensByGcm(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): boolean {
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(key), iv, { authTagLength: 16 });
  return opens(
    () => decipherLeavingNothing(decipher.setAuthTag(tag), ciphertext),
    () => true,
  );
}

/** GCM encrypts by AES in counter mode, from a counter of 2: NIST SP 800-38D §7.1. */
function isJsonByCounter({ contentKey, iv, ciphertext }: ContentCipherEvidence): boolean {
  const counter = Buffer.concat([iv, Buffer.from([0, 0, 0, 2])]);
  const decipher = createDecipheriv("aes-256-ctr", createSecretKey(contentKey), counter);
  return opens(() => decipherLeavingNothing(decipher, ciphertext), isJson);
}

function isJsonByCbc({ contentKey, iv, ciphertext }: ContentCipherEvidence): boolean {
  const decipher = createDecipheriv("aes-256-cbc", createSecretKey(contentKey), iv);
  return opens(() => decipherLeavingNothing(decipher, ciphertext), isJson);
}

const isJson = (clear: Uint8Array) => clear[0] === 0x7b && clear.at(-1) === 0x7d;

/** Wipes what was opened. */
function opens(open: () => Uint8Array, isRight: (clear: Uint8Array) => boolean): boolean {
  try {
    const clear = open();
    const isOpen = isRight(clear);
    clear.fill(0);
    return isOpen;
  } catch {
    return false;
  }
}
