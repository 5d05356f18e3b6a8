import type { Mistakes } from "./mistake.ts";

/** A member that holds bytes as text. */
export interface EncodingEvidence {
  readonly name: string;
  readonly text: string;
  readonly encoding: "base64" | "hex";
  /** How many bytes it must be; null: any number. */
  readonly lengthBytes: number | null;
}

export const encodingMistakes = {
  lineWrapped: {
    says: ({ name }) => `${name} has line breaks, as MIME's base64 does: it must be one line`,
    shows: ({ text }) => /[\r\n]/.test(text.trim()) || /[\r\n]$/.test(text),
  },
  base64url: {
    says: ({ name }) => `${name} is base64url: it must be base64 of the standard alphabet (+ and /), with its padding`,
    shows: ({ text, encoding }) => encoding === "base64" && /^[A-Za-z0-9_-]*[_-][A-Za-z0-9_-]*=*$/.test(text),
  },
  unpadded: {
    says: ({ name }) => `${name} lacks base64's padding by "="`,
    shows: ({ text, encoding }) => encoding === "base64" && /^[A-Za-z0-9+/]+$/.test(text) && text.length % 4 !== 0,
  },
  hexForBase64: {
    says: ({ name }) => `${name} is hex: it must be base64`,
    shows: ({ text, encoding, lengthBytes }) =>
      encoding === "base64" && /^[0-9a-fA-F]+$/.test(text) && lengthBytes !== null && text.length === 2 * lengthBytes,
  },
  base64ForHex: {
    says: ({ name }) => `${name} is base64: it must be hex`,
    shows: ({ text, encoding }) =>
      encoding === "hex" && !/^[0-9a-fA-F]*$/.test(text) && /^[A-Za-z0-9+/_-]+=*$/.test(text),
  },
  shortened: {
    says: ({ name, text, lengthBytes }) =>
      `${name} is the hex of ${text.length / 2} bytes and must be of ${lengthBytes}: some libraries leave out leading zero bytes; pad them on the left`,
    shows: ({ text, encoding, lengthBytes }) =>
      encoding === "hex" && lengthBytes !== null && text.length > 0 && text.length < 2 * lengthBytes,
  },
} as const satisfies Mistakes<EncodingEvidence>;
