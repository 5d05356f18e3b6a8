import { concatBytes, equalInConstantTime, utf8 } from "./bytes.ts";
import { base64urlFromBytes, bytesFromBase64url } from "./encoding.ts";
import { LinchpinError } from "./errors.ts";
import type { Primitives, RsaPublicKey } from "./primitives.ts";

/** Length of the content key: 32 bytes for the MAC, then 32 for AES (RFC 7518 §5.2.5). */
export const jweContentKeyBytes = 64;

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

/**
 * Seals to an RSA key: RFC 7516 §5.1 with RSA-OAEP-256 and A256CBC-HS512, compact serialization,
 * header `{"alg","enc","kid"}` in this order.
 * @throws LinchpinError `public_key_unusable`
 */
export async function sealJwe(
  primitives: Primitives,
  recipient: { key: RsaPublicKey; kid: string },
  plaintext: Uint8Array,
): Promise<string> {
  const protectedText = base64urlFromBytes(utf8(JSON.stringify({ alg, enc, kid: recipient.kid })));
  const contentKey = primitives.randomBytes(jweContentKeyBytes);
  const iv = primitives.randomBytes(16);
  const wrappedKey = await primitives.wrapRsaOaep(recipient.key, contentKey);
  const ciphertext = await primitives.encryptAesCbc(contentKey.subarray(32), iv, plaintext);
  const tag = await authenticationTag(primitives, contentKey, { protectedText, iv, ciphertext });
  contentKey.fill(0);
  return [protectedText, ...[wrappedKey, iv, ciphertext, tag].map(base64urlFromBytes)].join(".");
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
 * Opens the content with a content key that the vault unwrapped: RFC 7518 §5.2.2.2, tag first, in constant time.
 * A wrong content key, an altered segment and bad padding are one and the same error.
 * @throws LinchpinError `decryption_failed`
 */
export async function openJwe(primitives: Primitives, jwe: Jwe, contentKey: Uint8Array): Promise<Uint8Array> {
  const tag = await authenticationTag(primitives, contentKey, jwe);
  if (!equalInConstantTime(tag, jwe.tag))
    throw new LinchpinError("decryption_failed", { reason: "the JWE's tag does not verify" });
  return primitives.decryptAesCbc(contentKey.subarray(32), jwe.iv, jwe.ciphertext);
}

/** RFC 7518 §5.2.2.1: HMAC-SHA-512 over AAD ‖ IV ‖ ciphertext ‖ AAD length in bits (64-bit), its first half. */
async function authenticationTag(
  primitives: Primitives,
  contentKey: Uint8Array,
  { protectedText, iv, ciphertext }: Pick<Jwe, "protectedText" | "iv" | "ciphertext">,
): Promise<Uint8Array> {
  const aad = utf8(protectedText);
  const aadBits = new Uint8Array(8);
  new DataView(aadBits.buffer).setBigUint64(0, BigInt(aad.length) * 8n);
  const mac = await primitives.hmacSha512(contentKey.subarray(0, 32), concatBytes(aad, iv, ciphertext, aadBits));
  return mac.subarray(0, 32);
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
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
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
