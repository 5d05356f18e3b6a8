import { createHash } from "node:crypto";
import type { Mistakes } from "./mistake.ts";

/** A device's signature that verifies, though not as it must. */
export interface EcdsaEvidence {
  readonly form: "ASN.1 DER" | "r‖s form";
  readonly keyPurpose: string;
  readonly text: "the compact JWE" | "the SHA-256 of the compact JWE (hashed twice)" | "the clear JSON";
}

const must = "it must be ASN.1 DER, by the restricted key, over the compact JWE";
const found = ({ form, keyPurpose, text }: EcdsaEvidence) =>
  `the signature is in ${form}, made by the ${keyPurpose} key over ${text}; ${must}`;

export const ecdsaMistakes = {
  clearJson: { says: found, shows: ({ text }) => text === "the clear JSON" },
  hashedTwice: { says: found, shows: ({ text }) => text.endsWith("(hashed twice)") },
  otherForm: { says: found, shows: ({ form }) => form === "r‖s form" },
  otherKey: { says: found, shows: ({ keyPurpose }) => keyPurpose !== "restricted" },
} as const satisfies Mistakes<EcdsaEvidence>;

/** The hash in a signing method, and the body that came with it. */
export interface BodyHashEvidence {
  readonly claimed: Uint8Array;
  readonly body: Uint8Array;
  /** What the body's envelope holds; null where it is none. */
  readonly clear: Uint8Array | null;
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const isHashOf = (bytes: Uint8Array, { claimed }: BodyHashEvidence) => sha256(bytes).equals(claimed);
const expected = ({ body }: BodyHashEvidence) =>
  `expected is ${sha256(body).toString("hex")}, the SHA-256 of the ${body.length} bytes of the body as sent`;

export const bodyHashMistakes = {
  clearBody: {
    says: (evidence) => `the hash is over what the envelope holds: hash the envelope; ${expected(evidence)}`,
    shows: (evidence) => evidence.clear !== null && isHashOf(evidence.clear, evidence),
  },
  writtenAnew: {
    says: (evidence) =>
      `the hash is over the same JSON without white space: hash the very bytes that are sent; ${expected(evidence)}`,
    shows: (evidence) => {
      const compact = withoutSpace(evidence.body);
      const isIt = compact.length < evidence.body.length && isHashOf(compact, evidence);
      compact.fill(0);
      return isIt;
    },
  },
  emptyBody: {
    says: (evidence) => `the hash is over nothing: hash the body; ${expected(evidence)}`,
    shows: (evidence) => isHashOf(new Uint8Array(0), evidence),
  },
  otherBody: { says: expected, shows: () => true },
} as const satisfies Mistakes<BodyHashEvidence>;

/** JSON without the white space between its tokens. */
function withoutSpace(json: Uint8Array): Uint8Array {
  let isText = false;
  let isEscaped = false;
  return json.filter((byte) => {
    const isQuote = byte === 0x22 && !isEscaped;
    isEscaped = isText && byte === 0x5c && !isEscaped;
    if (isQuote) isText = !isText;
    return isText || isQuote || byte > 0x20;
  });
}
