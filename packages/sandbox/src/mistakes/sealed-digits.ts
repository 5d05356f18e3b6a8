import type { Mistakes } from "./mistake.ts";

/** Text that must be a compact JWE over a PIN's digits. */
export interface JweTextEvidence {
  readonly name: string;
  readonly text: string;
  readonly expected: { readonly alg: string; readonly enc: string };
}

/** What JOSE calls algorithms. A header may say anything, and nothing else of it is repeated. */
const knownAlgorithms: readonly unknown[] = [
  ...["RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "ECDH-ES", "A128KW", "A256KW", "dir"],
  ...["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"],
];

/** The algorithms of the header that are not the expected ones. */
function otherAlgorithms({ text, expected }: JweTextEvidence): string[] {
  try {
    const header = JSON.parse(Buffer.from(text.split(".")[0] ?? "", "base64url").toString());
    return (["alg", "enc"] as const)
      .filter((name) => header[name] !== expected[name] && knownAlgorithms.includes(header[name]))
      .map((name) => `${name} ${header[name]}`);
  } catch {
    return [];
  }
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
  otherAlgorithm: {
    says: (evidence) =>
      `the header says ${otherAlgorithms(evidence).join(" and ")}: it must be ${evidence.expected.alg} with ${evidence.expected.enc}`,
    shows: (evidence) => otherAlgorithms(evidence).length > 0,
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
