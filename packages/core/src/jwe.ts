import { utf8 } from "./bytes.ts";
import { jweContentKeyBytes, openContent, sealContent } from "./content-encryption.ts";
import { base64urlFromBytes, bytesFromBase64url } from "./encoding.ts";
import { LinchpinError } from "./errors.ts";
import type { Primitives, RsaPublicKey } from "./primitives.ts";

const alg = "RSA-OAEP-256";
const enc = "A256CBC-HS512";
const maxHeaderBytes = 512;

/** A compact JWE, taken apart. */
export interface Jwe {
  readonly kid: string;
  /** The header's base64url text as received: what the tag covers. */
  readonly protectedText: string;
  readonly wrappedKey: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** What sealing computes on. */
export type JwePrimitives = Pick<Primitives, "randomBytes" | "wrapRsaOaep" | "encryptAesCbc" | "hmacSha512">;

/**
 * Seals to an RSA key: RFC 7516 §5.1 with RSA-OAEP-256 and A256CBC-HS512, compact serialization,
 * header `{"alg","enc","kid"}` in this order.
 * @throws LinchpinError `public_key_unusable`
 */
export async function sealJwe(
  primitives: JwePrimitives,
  recipient: { key: RsaPublicKey; kid: string },
  plaintext: Uint8Array,
): Promise<string> {
  const protectedText = base64urlFromBytes(utf8(JSON.stringify({ alg, enc, kid: recipient.kid })));
  const contentKey = primitives.randomBytes(jweContentKeyBytes);
  try {
    const [wrappedKey, { iv, ciphertext, tag }] = await Promise.all([
      primitives.wrapRsaOaep(recipient.key, contentKey),
      sealContent(primitives, { aad: utf8(protectedText), plaintext }, contentKey),
    ]);
    return [protectedText, ...[wrappedKey, iv, ciphertext, tag].map(base64urlFromBytes)].join(".");
  } finally {
    contentKey.fill(0);
  }
}

/**
 * Takes a compact JWE apart. The algorithms must be the profile's; they are never chosen from the header.
 * @throws LinchpinError `jwe_malformed` with a reason
 */
export function parseJwe(compact: string): Jwe {
  const segments = compact.split(".");
  const [protectedText, wrappedKey, iv, ciphertext, tag] = segments;
  if (segments.length !== 5 || protectedText === undefined) throw malformed("not five segments");
  const kid = readHeader(decodeSegment(protectedText));
  const jwe = {
    kid,
    protectedText,
    wrappedKey: decodeSegment(wrappedKey),
    iv: decodeSegment(iv),
    ciphertext: decodeSegment(ciphertext),
    tag: decodeSegment(tag),
  };
  if (jwe.iv.length !== 16) throw malformed("the IV is not 16 bytes");
  if (jwe.tag.length !== 32) throw malformed("the tag is not 32 bytes");
  return jwe;
}

/**
 * Opens the content with a content key that the vault unwrapped. The caller wipes both.
 * @throws LinchpinError `decryption_failed`
 */
export async function openJwe(primitives: Primitives, jwe: Jwe, contentKey: Uint8Array): Promise<Uint8Array> {
  return openContent(primitives, { ...jwe, aad: utf8(jwe.protectedText) }, contentKey);
}

function decodeSegment(text = ""): Uint8Array {
  try {
    return bytesFromBase64url(text);
  } catch {
    throw malformed("a segment is not canonical base64url without padding");
  }
}

/** The header's kid, once all else in it is as the profile says. */
function readHeader(bytes: Uint8Array): string {
  if (bytes.length > maxHeaderBytes) throw malformed("the header is too long");
  const header = parseObject(bytes);
  if (header === null) throw malformed("the header is not a JSON object");
  const { alg: headerAlg, enc: headerEnc, kid, typ: _typ, cty: _cty, ...others } = header;
  if (headerAlg !== alg) throw malformed("alg is not RSA-OAEP-256");
  if (headerEnc !== enc) throw malformed("enc is not A256CBC-HS512");
  if (typeof kid !== "string" || kid === "") throw malformed("the header has no kid");
  if (Object.keys(others).length > 0) throw malformed("the header has members beside alg, enc, kid, typ and cty");
  return kid;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function malformed(reason: string): LinchpinError {
  return new LinchpinError("jwe_malformed", { reason });
}
