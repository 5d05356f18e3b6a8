import { base64urlFromBytes, bytesFromBase64url, textFromUtf8, utf8 } from "#encoding";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives, RsaPublicKey } from "../primitives.ts";
import { openContent, sealContent } from "./content-encryption.ts";
import type { JweProfile } from "./jwe-profiles.ts";

const maxHeaderBytes = 512;

/** A compact JWE, taken apart. */
export interface Jwe {
  /** Null where the header names no key. */
  readonly kid: string | null;
  /** The header's base64url text as received: what the tag covers. */
  readonly protectedText: string;
  readonly wrappedKey: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** What sealing computes on. */
export type JwePrimitives = Pick<Primitives, "randomBytes" | "wrapRsaOaep" | "encryptAesCbc" | "hmac">;

/**
 * Seals to an RSA key: RFC 7516 §5.1 with the profile's algorithms, compact serialization, header `{"alg","enc","kid"}` in
 * this order.
 * @throws LinchpinError `public_key_unusable`
 */
export async function sealJwe(
  primitives: JwePrimitives,
  profile: JweProfile,
  recipient: { key: RsaPublicKey; kid: string },
  plaintext: Uint8Array,
): Promise<string> {
  const protectedText = base64urlFromBytes(utf8(JSON.stringify({ ...profile.header, kid: recipient.kid })));
  const contentKey = primitives.randomBytes(profile.contentKeyBytes);
  try {
    const [wrappedKey, { iv, ciphertext, tag }] = await Promise.all([
      primitives.wrapRsaOaep(recipient.key, contentKey, profile.oaep),
      sealContent(primitives, profile, { aad: utf8(protectedText), plaintext }, contentKey),
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
export function parseJwe(profile: JweProfile, compact: string): Jwe {
  const segments = compact.split(".", 6);
  const [protectedText, wrappedKey, iv, ciphertext, tag] = segments;
  if (segments.length !== 5 || protectedText === undefined) throw malformed("not five segments");
  const kid = readHeader(profile, decodeSegment(protectedText));
  const jwe = {
    kid,
    protectedText,
    wrappedKey: decodeSegment(wrappedKey),
    iv: decodeSegment(iv),
    ciphertext: decodeSegment(ciphertext),
    tag: decodeSegment(tag),
  };
  if (jwe.iv.length !== 16) throw malformed("the IV is not 16 bytes");
  const tagBytes = profile.contentKeyBytes / 2;
  if (jwe.tag.length !== tagBytes) throw malformed(`the tag is not ${tagBytes} bytes`);
  return jwe;
}

/**
 * Opens the content with a content key that the vault unwrapped. The caller wipes both.
 * @throws LinchpinError `decryption_failed`
 */
export async function openJwe(
  primitives: Primitives,
  profile: JweProfile,
  jwe: Jwe,
  contentKey: Uint8Array,
): Promise<Uint8Array> {
  return openContent(primitives, profile, { ...jwe, aad: utf8(jwe.protectedText) }, contentKey);
}

function decodeSegment(text = ""): Uint8Array {
  try {
    return bytesFromBase64url(text);
  } catch {
    throw malformed("a segment is not canonical base64url without padding");
  }
}

/** The header's kid, null where it has none, once all else in it is as the profile says. */
function readHeader(profile: JweProfile, bytes: Uint8Array): string | null {
  if (bytes.length > maxHeaderBytes) throw malformed("the header is too long");
  const header = parseObject(bytes);
  if (header === null) throw malformed("the header is not a JSON object");
  const { alg, enc, kid, typ: _typ, cty: _cty, ...others } = header;
  if (alg !== profile.header.alg) throw malformed(`alg is not ${profile.header.alg}`);
  if (enc !== profile.header.enc) throw malformed(`enc is not ${profile.header.enc}`);
  if (kid !== undefined && (typeof kid !== "string" || kid === "")) throw malformed("the kid is not a text");
  if (Object.keys(others).length > 0) throw malformed("the header has members beside alg, enc, kid, typ and cty");
  return kid ?? null;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(textFromUtf8(bytes));
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
