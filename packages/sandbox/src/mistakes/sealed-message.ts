import type { RsaScheme } from "@linchpin/vault/sandbox";
import { maskedText } from "./masked-text.ts";
import type { Mistakes } from "./mistake.ts";

/** Text that must be base64 of an RSA ciphertext over a JSON message. */
export interface CiphertextTextEvidence {
  readonly name: string;
  readonly text: string;
  readonly lengthBytes: number;
}

const decoded = (text: string) => Buffer.from(text, "base64");

export const ciphertextTextMistakes = {
  clear: {
    says: ({ name }) => `${name} holds digits in clear: a PIN never leaves the device unsealed`,
    shows: ({ text }) => /^\s*"?\d{4,12}"?\s*$/.test(text),
  },
  jwe: {
    says: ({ name }) => `${name} is a JWE, as other vendors take it: here it is base64 of one RSA ciphertext`,
    shows: ({ text }) => /^eyJ[\w-]+\./.test(text),
  },
  encodedAgain: {
    says: ({ name }) => `${name} is base64 encoded in base64 once more: send it as it stands`,
    shows: ({ text, lengthBytes }) =>
      Buffer.from(decoded(text).toString("latin1"), "base64").length === lengthBytes &&
      /^[A-Za-z0-9+/]+=*$/.test(decoded(text).toString("latin1")),
  },
  otherKeyLength: {
    says: ({ text, lengthBytes }) =>
      `${decoded(text).length} bytes were sealed to a key of ${8 * decoded(text).length} bits: the issuer's has ${8 * lengthBytes}`,
    shows: ({ text }) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && [256, 384].includes(decoded(text).length),
  },
} as const satisfies Mistakes<CiphertextTextEvidence>;

/** What opens a ciphertext over a message; null: none of the issuer's keys does, by any scheme. */
export interface MessageWrapEvidence {
  readonly found: { readonly purpose: string; readonly scheme: RsaScheme } | null;
  readonly expected: { readonly purpose: string; readonly scheme: RsaScheme };
}

const isScheme =
  (scheme: RsaScheme) =>
  ({ found, expected }: MessageWrapEvidence) =>
    found?.scheme === scheme && expected.scheme !== scheme;
const wanted = "it must be OAEP with SHA-1 for hash and MGF1, without a label";

export const messageWrapMistakes = {
  pkcs1: { says: `it was sealed by RSAES-PKCS1-v1_5: ${wanted}`, shows: isScheme("PKCS1") },
  mgf1Sha1: {
    says: `it was sealed by OAEP with SHA-256 and MGF1 with SHA-1, Java's default: ${wanted}`,
    shows: isScheme("OAEP-SHA256-MGF1-SHA1"),
  },
  oaepSha256: { says: `it was sealed by OAEP with SHA-256: ${wanted}`, shows: isScheme("OAEP-SHA256") },
  otherPurpose: {
    says: ({ found, expected }) =>
      `it was sealed to the issuer's key for ${found?.purpose}: take the one for ${expected.purpose}`,
    shows: ({ found, expected }) => found !== null && found.purpose !== expected.purpose,
  },
  otherKey: {
    says: "no key of this issuer opens it: it was sealed to another one, as the vendor's real key or that of an earlier data folder",
    shows: ({ found }) => found === null,
  },
} as const satisfies Mistakes<MessageWrapEvidence>;

/** What a sealed message held that must hold a nonce and a PIN. The caller wipes it. */
export interface NoncedPinEvidence {
  readonly clear: Uint8Array;
}

/** The pattern sees masked text. */
const holds =
  (pattern: RegExp) =>
  ({ clear }: NoncedPinEvidence) =>
    pattern.test(maskedText(clear));

export const noncedPinMistakes = {
  byteOrderMark: { says: "it opened, but begins with a byte order mark", shows: holds(/^\xef\xbb\xbf/) },
  utf16: { says: "it opened, but is UTF-16: the JSON must be UTF-8", shows: holds(/^(\xff\xfe|\xfe\xff|.\0|\0.)/s) },
  jwe: { says: "it opened, but holds a JWE: seal the JSON itself", shows: holds(/^eyJ/) },
  digitsAlone: {
    says: 'it opened, but holds digits alone: seal {"nonce":…,"pin":"…"}',
    shows: holds(/^\s*"?\d+"?\s*$/),
  },
  noNonce: { says: "it opened, but has no nonce: draw a new one for each request", shows: holds(/^(?!.*"nonce")/s) },
  pinAsNumber: {
    says: "pin is a number, which loses leading zeros: it must be a string",
    shows: holds(/"pin"\s*:\s*\d/),
  },
  nonceAsText: { says: "nonce is a string: it must be an integer", shows: holds(/"nonce"\s*:\s*"/) },
  shortNonce: {
    says: "the nonce has fewer than 8 digits",
    shows: holds(/"nonce"\s*:\s*\d{1,7}\s*[,}]/),
  },
  pinBlock: {
    says: "pin holds an ISO 9564 block: it must hold the digits themselves",
    shows: holds(/"pin"\s*:\s*"[0-9A-Fa-f]{16}"/),
  },
} as const satisfies Mistakes<NoncedPinEvidence>;

export const samplePinMistakes = {
  sample: {
    says: "this is the PIN of the vendor's sample: does the device seal it whatever was typed?",
    shows: ({ clear }) => Buffer.from(clear.buffer, clear.byteOffset, clear.length).includes('"1234"'),
  },
} as const satisfies Mistakes<NoncedPinEvidence>;
