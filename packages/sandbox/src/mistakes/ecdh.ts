import { createPublicKey } from "node:crypto";
import type { Mistakes } from "./mistake.ts";

/** A public key of a client's or device's that was not taken, as it came. */
export interface PublicKeyEvidence {
  readonly text: string;
  readonly encoding: "base64" | "hex";
}

const bytesOf = ({ text, encoding }: PublicKeyEvidence) => Buffer.from(text, encoding);
const must = ({ encoding }: PublicKeyEvidence) =>
  encoding === "hex"
    ? "it must be the hex of the uncompressed point 04 ‖ X ‖ Y of P-256 (secp256r1), 65 bytes"
    : "it must be base64 of an SPKI in DER, or of the uncompressed point 04 ‖ X ‖ Y, of P-256 (secp256r1)";
const says = (what: string) => (evidence: PublicKeyEvidence) => `the public key is ${what}: ${must(evidence)}`;

export const publicKeyMistakes = {
  pem: {
    says: says("PEM, with its armour"),
    shows: ({ text }) => text.includes("-----BEGIN") || text.startsWith("LS0tLS1CRUdJTi"),
  },
  jwk: { says: says("a JWK"), shows: ({ text }) => text.trimStart().startsWith("{") || text.startsWith("eyJ") },
  spaced: {
    says: says("in several lines, or with spaces between"),
    shows: ({ text }) => /\s/.test(text.trim()) && /^[A-Za-z0-9+/_=\s-]+$/.test(text),
  },
  hex: {
    says: says("hex"),
    shows: ({ text, encoding }) => encoding === "base64" && text.length % 2 === 0 && /^[0-9a-fA-F]{60,}$/.test(text),
  },
  base64: {
    says: says("base64"),
    shows: ({ text, encoding }) =>
      encoding === "hex" && !/^[0-9a-fA-F]*$/.test(text) && /^[A-Za-z0-9+/_-]{40,}=*$/.test(text),
  },
  base64url: {
    says: says("base64url"),
    shows: ({ text, encoding }) =>
      encoding === "base64" && /^[A-Za-z0-9_-]+$/.test(text) && (/[_-]/.test(text) || text.length % 4 !== 0),
  },
  compressed: {
    says: says("a compressed point"),
    shows: (evidence) => {
      const bytes = bytesOf(evidence);
      const point = bytes.length === 59 ? bytes.subarray(26) : bytes;
      return point.length === 33 && (point[0] === 2 || point[0] === 3);
    },
  },
  withoutFormByte: { says: says("X ‖ Y without the byte 04"), shows: (evidence) => bytesOf(evidence).length === 64 },
  otherCurve: {
    says: (evidence) => says(`of the curve ${curveOf(bytesOf(evidence))}`)(evidence),
    shows: (evidence) => ![null, "prime256v1"].includes(curveOf(bytesOf(evidence))),
  },
  spki: {
    says: says("an SPKI in DER"),
    shows: (evidence) => evidence.encoding === "hex" && curveOf(bytesOf(evidence)) === "prime256v1",
  },
} as const satisfies Mistakes<PublicKeyEvidence>;

/** By the SPKI, or by the length of an uncompressed point; null where it is neither. */
function curveOf(bytes: Buffer): string | null {
  if (bytes[0] === 4 && bytes.length === 97) return "secp384r1";
  if (bytes[0] === 4 && bytes.length === 133) return "secp521r1";
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey({ key: bytes, format: "der", type: "spki" });
    return asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? null;
  } catch {
    return null;
  }
}
