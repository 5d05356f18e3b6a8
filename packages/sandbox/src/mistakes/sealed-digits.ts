import type { Mistakes } from "./mistake.ts";

/** Text that must be a compact JWE over a PIN's digits. */
export interface JweTextEvidence {
  readonly name: string;
  readonly text: string;
}

export const jweTextMistakes = {
  clear: {
    says: ({ name }) => `${name} holds digits in clear: a PIN never leaves the device unsealed`,
    shows: ({ text }) => /^\s*"?\d+"?\s*$/.test(text),
  },
  jsonSerialized: {
    says: ({ name }) => `${name} is a JWE in JSON serialization: it must be compact, five segments with dots`,
    shows: ({ text }) => text.trim().startsWith("{"),
  },
  encodedAgain: {
    says: ({ name }) => `${name} is the JWE encoded in base64 once more: send it as it stands`,
    shows: ({ text }) => !text.includes(".") && /^eyJ[\w-]+\./.test(Buffer.from(text, "base64").toString("latin1")),
  },
  padded: {
    says: ({ name }) => `${name} has padding by "=": a JWE's base64url has none`,
    shows: ({ text }) => text.includes("="),
  },
} as const satisfies Mistakes<JweTextEvidence>;

/** What a sealed message held that must hold ASCII digits and nothing else. The caller wipes it. */
export interface SealedDigitsEvidence {
  readonly clear: Uint8Array;
}

const isSpace = (byte: number | undefined) => byte !== undefined && byte <= 0x20;

export const sealedDigitsMistakes = {
  json: {
    says: "it opened, but holds JSON: seal the PIN's digits alone, no JSON",
    shows: ({ clear }) => clear[0] === 0x7b,
  },
  quoted: {
    says: "it opened, but holds digits in quotation marks: seal the digits alone",
    shows: ({ clear }) => clear[0] === 0x22,
  },
  whiteSpace: {
    says: "it opened, but there is white space or a line end beside the digits",
    shows: ({ clear }) => isSpace(clear[0]) || isSpace(clear.at(-1)),
  },
  tooShort: {
    says: "it opened, but holds fewer than 4 digits: a number in place of text loses its leading zeros",
    shows: ({ clear }) => clear.length > 0 && clear.length < 4,
  },
} as const satisfies Mistakes<SealedDigitsEvidence>;
