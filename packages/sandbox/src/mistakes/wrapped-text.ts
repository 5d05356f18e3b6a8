import type { Mistakes } from "./mistake.ts";

/** What was wrapped by RSA, where it must be the base64 text of a session key of 16 bytes. */
export interface WrappedTextEvidence {
  readonly content: Uint8Array;
  /** What the issuer takes: that text, or the key's bytes. */
  readonly wrapped: "base64" | "raw";
}

const textOf = ({ content }: WrappedTextEvidence) => Buffer.from(content).toString("latin1");
const isHex = (text: string) => /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(text);
const isBase64 = (text: string) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
const decoded = (text: string) => Buffer.from(text, "base64");

export const wrappedTextMistakes = {
  textForBytes: {
    says: "what was wrapped is base64 text: this issuer takes the 16 bytes of the session key",
    shows: (evidence) => evidence.wrapped === "raw" && isBase64(textOf(evidence)),
  },
  bytesForText: {
    says: ({ content }) =>
      `what was wrapped are ${content.length} bytes of a session key: wrap the 24 characters of the base64 text of 16 bytes`,
    shows: (evidence) => {
      const { content, wrapped } = evidence;
      return wrapped === "base64" && [16, 32].includes(content.length) && !isHex(textOf(evidence));
    },
  },
  hexText: {
    says: "what was wrapped is the hex text of the session key: wrap the base64 text of its 16 bytes",
    shows: (evidence) => isHex(textOf(evidence)),
  },
  base64OfHex: {
    says: "what was wrapped is the base64 of the session key's hex text: decode the hex first, and encode its 16 bytes",
    shows: (evidence) => isBase64(textOf(evidence)) && isHex(decoded(textOf(evidence)).toString("latin1")),
  },
  longKey: {
    says: "what was wrapped is the base64 of 32 bytes: the session key is one of AES-128, and has 16",
    shows: (evidence) => isBase64(textOf(evidence)) && decoded(textOf(evidence)).length === 32,
  },
  base64url: {
    says: "what was wrapped is base64url, or lacks its padding: it must be base64 of the standard alphabet, padded with ==",
    shows: (evidence) => /^[\w-]{22}(?:==)?$/.test(textOf(evidence)) && !isBase64(textOf(evidence)),
  },
  otherText: {
    says: ({ content }) =>
      `what was wrapped has ${content.length} bytes and is no base64 text of a session key of 16 bytes`,
    shows: ({ content, wrapped }) => wrapped === "base64" && content.length !== 24,
  },
} as const satisfies Mistakes<WrappedTextEvidence>;
